"""Complete, running or partial; and whether a night may be read as a rate, at every bound."""

import pytest
from notturno import refusals
from notturno.nights.state import COMPLETE, PARTIAL, RUNNING, UNASKED, Held, state_of, to_tell
from notturno.nights.verdict import refusal_of


@pytest.mark.parametrize(
    ("ended_as", "held", "state", "word"),
    [
        ("docked", Held(100), COMPLETE, "docked"),
        ("docked", Held(100, band_next=100), COMPLETE, "docked"),
        ("docked", Held(100, band_next=101), PARTIAL, "1 record is still on the band"),
        ("docked", Held(100, band_next=300), PARTIAL, "200 records are still on the band"),
        ("docked", Held(100, band_next=300, newest=False), COMPLETE, "docked"),
        (None, Held(100), RUNNING, "not all of its records were fetched"),
        (None, Held(100, band_next=100, recording=True), RUNNING, "still recording"),
        (None, Held(100, band_next=101, recording=True), PARTIAL, "1 record is"),
        (None, Held(100, band_next=100, recording=False), COMPLETE, "lost its power"),
        (None, Held(100, newest=False), COMPLETE, "lost its power"),
        ("docked", Held(100, lost=((7, 7),)), PARTIAL, "record 7 nothing"),
        (
            "docked",
            Held(100, lost=((7, 9), (20, 20))),
            PARTIAL,
            "records 7 to 9 and 1 record more",
        ),
    ],
)
def test_a_night_says_whether_all_of_it_is_here(ended_as, held, state, word):
    found, why = state_of(ended_as, False, held)
    assert found == state and word in why


def test_a_power_cut_inside_a_night_is_told():
    assert "lost its power" in state_of("docked", True, Held(10))[1]


@pytest.mark.parametrize(
    ("ended_as", "cut", "is_told"),
    [(each, False, False) for each in ("docked", "asked", "not worn")]
    + [(each, False, True) for each in ("battery", "log full", "sensor lost", "crashed", None)]
    + [("docked", True, True), ("battery", True, True)],
)
def test_an_end_that_nobody_meant_is_told_beside_the_figures(ended_as, cut, is_told):
    state, why = state_of(ended_as, cut, Held(10, newest=False))
    for reason in (why, str(why)):  # as made, and as stored
        row = {"state": state, "state_reason": reason, "warnings": ("Look.",)}
        assert to_tell(row) == (["Look.", why] if is_told else ["Look."])
    assert to_tell({"state": PARTIAL, "state_reason": why, "warnings": ()}) == []
    assert to_tell({"state": state, "state_reason": None, "warnings": ()}) == []


def test_each_end_of_a_band_is_one_that_is_told_or_one_that_is_not():
    from notturno.store.queries import END_NAMES

    assert set(UNASKED) == set(END_NAMES.values()) - {"docked", "asked", "not worn"}


def verdict(span_h=8.0, recorded_h=8.0, not_worn_h=0.0, countable_h=8.0, **values):
    given = {
        "state": "complete",
        "state_reason": "",
        "excluded": None,
        "implausible_share": 0.0,
        "implausible": None,
    } | values
    hours = {"recorded_h": recorded_h, "not_worn_h": not_worn_h, "countable_h": countable_h}
    found = refusal_of(hours, span_h, **given)
    return None if found is None else found.code


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, None),
        ({"countable_h": 0.5}, None),
        ({"countable_h": 0.49}, refusals.TOO_SHORT),
        ({"recorded_h": 6.4, "countable_h": 6.4}, None),
        ({"recorded_h": 6.39, "countable_h": 6.39}, refusals.TOO_MANY_GAPS),
        ({"not_worn_h": 1.6}, None),
        ({"not_worn_h": 1.61}, refusals.NOT_WORN),
        ({"span_h": 20.0, "recorded_h": 20.0}, None),
        ({"span_h": 20.1, "recorded_h": 20.1}, refusals.TOO_LONG),
        ({"state": "running"}, refusals.NOT_COMPLETE),
        ({"state": "partial"}, refusals.NOT_COMPLETE),
        ({"excluded": "flu"}, refusals.EXCLUDED),
        ({"implausible": "no gravity", "implausible_share": 0.2}, None),
        ({"implausible": "no gravity", "implausible_share": 0.21}, refusals.IMPLAUSIBLE),
        ({"implausible": None, "implausible_share": 1.0}, None),
    ],
)
def test_a_rate_is_refused_at_its_bounds(values, code):
    assert verdict(**values) == code


def test_three_hours_awake_refuse_nothing():
    assert verdict(countable_h=5.0) is None


def test_what_is_too_short_is_not_said_to_be_as_long_as_is_needed():
    hours = {"recorded_h": 0.5, "not_worn_h": 0.0, "countable_h": 29.9 / 60}
    refused = refusal_of(hours, 0.5, "complete", "", None, 0.0, None)
    assert refused.as_json()["refused"] == "29 min could be counted in; a rate needs 30."
