"""Which band is the left one, and what of both is given on to the figures of two bands."""

from types import SimpleNamespace

import pytest
from notturno import refusals
from notturno.cli import onenight
from notturno.errors import UserError
from notturno.nights import axis
from notturno.refusals import Refusal, to_json
from notturno.scoring.onenight import two_bands


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setattr(axis, "night_axis", lambda *what: what)
    monkeypatch.setattr(two_bands, "figures", lambda *what: what)


def band(name, side, errors_ms=(5,)):
    rows = {"events": name + " events", "minutes": name + " minutes", "gaps": name + " gaps"}
    sessions = [{"clock_error_ms": error} for error in errors_ms]
    return sessions, rows, name + " bed", SimpleNamespace(side=side)


def report(stages):
    return {"sleep": stages if isinstance(stages, Refusal) else {"stages": stages}}


NONE = Refusal("No.", refusals.TOO_SHORT)
REPORTS = {"a": report("of a"), "b": report("of b")}


def both(a="L", b="R", left=None, verdict=None, reports=None, **errors):
    inputs = {
        "a": band("a", a, errors.get("a_ms", (5,))),
        "b": band("b", b, errors.get("b_ms", (5,))),
    }
    return onenight._both_legs(inputs, left, reports or REPORTS, verdict)


def test_left_comes_first_with_its_sleep_and_right_second(given):
    named = {"a": "", "b": "", "left": "b"}
    for sides, order in (({}, "ab"), ({"a": "R", "b": "L"}, "ba"), (named, "ba")):
        first, second, errors, stages, verdict = both(**sides)
        assert first[0] == order[0] + " events" and second[0] == order[1] + " events"
        assert first[1:] == (
            f"{order[0]} minutes",
            [{"clock_error_ms": 5}],
            f"{order[0]} gaps",
            f"{order[0]} bed",
        )
        assert (errors, stages, verdict) == ([5, 5], f"of {order[0]}", None)


def test_a_clocks_error_is_its_recordings_worst_and_unknown_where_one_is(given):
    assert both(a_ms=(5, 90, 7), b_ms=(3,))[2] == [90, 3]
    assert both(a_ms=(5, None), b_ms=(3,))[2] == [None, 3]


def test_without_sleep_there_are_no_stages_and_the_verdict_goes_along(given):
    found = both(reports=REPORTS | {"a": report(NONE)}, verdict=NONE)
    assert found[3] is None and found[4] is NONE


@pytest.mark.parametrize("sides", [("", ""), ("L", ""), ("L", "L"), ("R", "R")])
def test_without_two_sides_there_are_no_figures_of_both(given, sides):
    assert both(*sides) is None


def test_a_left_band_that_is_not_there_is_refused(given):
    with pytest.raises(
        UserError, match="Both legs need two bands, one of them c; there is: a, b."
    ):
        both(left="c")
    with pytest.raises(UserError, match="there is: a."):
        onenight._both_legs({"a": band("a", "L")}, "a", REPORTS, None)


def test_the_first_refusal_of_a_nights_rows_is_its_verdict():
    other = to_json(Refusal("Other.", refusals.CLOCK_UNKNOWN))
    rows = [{"refusal": None}, {"refusal": to_json(NONE)}, {"refusal": other}]
    assert onenight._verdict(rows).code == refusals.TOO_SHORT
    assert onenight._verdict(rows[:1]) is None and onenight._verdict([]) is None


def test_a_night_without_a_clock_lasts_as_long_as_it_recorded(monkeypatch):
    from notturno.scoring.onenight import lab_stages

    monkeypatch.setattr(lab_stages, "place_stages", lambda *what: what)
    hypnogram = SimpleNamespace(rows="rows", start_local="start", no_start="none")
    row = {"start_utc_ms": None, "end_utc_ms": None, "recorded_h": 7.5, "zone": "Europe/Rome"}
    found = onenight._placed(hypnogram, row, None)
    assert found == ("rows", "start", None, 27_000_000_000, "Europe/Rome", 0, "none")
    row |= {"start_utc_ms": 1000, "end_utc_ms": 1000 + 7_200_000}
    found = onenight._placed(hypnogram, row, "2.5")
    assert found[2:6] == (1000, 7_200_000_000, "Europe/Rome", "2.5")
