"""Which nights stay out of a cleaned table: each reason by hand, and their order."""

import pytest
from notturno.cohort import cleaning


def row(**values):
    made = {
        "person": "p", "night": "n", "date": "2026-01-12", "device_id": "b", "start_utc_ms": 1,
        "person_side": "L", "countable_h": 7.0, "simulated": 0, "limb": "ankle", "refusal": None,
        "detector_version": 1, "settings_sha256": "s", "rules_version": "r", "jerks": 3, "lms": 2,
    }  # fmt: skip
    return made | values


def rows(*changes):
    """Nights of their own days and begins, but for what is told."""
    return [
        row(night=f"n{at}", date=f"2026-01-{20 + at}", start_utc_ms=at, **values)
        if "date" not in values and "start_utc_ms" not in values
        else row(**({"night": f"n{at}", "start_utc_ms": at} | values))
        for at, values in enumerate(changes)
    ]


def codes(*changes, counts=None):
    return cleaning.left_out(rows(*changes), counts)


def test_nights_alike_all_stay():
    assert codes({}, {}, {}) == [None, None, None]


def test_a_side_is_that_of_most_nights_of_the_person_and_of_what_was_worn():
    assert codes({}, {}, {"person_side": "R"}) == [None, None, "other_side"]
    assert codes({"person_side": "R"}, {}, {"person": "q", "person_side": "R"}) == [
        "other_side",  # of two the first by its letter
        None,
        None,
    ]
    listed = {"device_id": "", "detector_version": None, "person_side": "R"}
    assert codes(listed | {"person_side": "L"}, listed, listed) == [None] * 3
    assert codes({}, {}, {"person_side": None}) == [None, None, "other_side"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"limb": "wrist"}, "other_limb"),
        ({"limb": None}, "other_limb"),
        ({"detector_version": 2}, "other_maker"),
        ({"settings_sha256": "t"}, "other_maker"),
        ({"rules_version": None}, "other_maker"),
        ({"simulated": 1}, "simulated"),
    ],
)
def test_what_most_nights_are_not_is_left_out(values, code):
    assert codes({}, {}, values) == [None, None, code]
    assert codes(values, {}, values, values) != [None] * 4


def test_among_simulated_nights_none_is_left_out_for_it():
    assert codes({"simulated": 1}, {"simulated": 1}) == [None, None]


def test_of_one_night_twice_on_a_side_the_longer_one_stays():
    one = {"date": "2026-01-12", "device_id": "b"}
    other = {"date": "2026-01-12", "device_id": "c", "countable_h": 8.0}
    assert codes(one, other, {}) == ["twice", None, None]
    assert codes(other, one, {}) == [None, "twice", None]
    assert codes(one, one | {"device_id": "c"}, {}) == [None, "twice", None]
    assert codes(one, other | {"person_side": "R"}, {})[:2] == [None, "other_side"]


def test_one_recording_is_one_whoever_it_is_said_to_be_of():
    same = {"start_utc_ms": 5, "date": "2026-01-12"}
    assert codes(same, same | {"person": "q"}, {}) == [None, "twice", None]
    assert codes(same, same | {"person": "q", "device_id": "c"}) == [None, None]
    unknown = same | {"start_utc_ms": None}
    assert codes(unknown, unknown | {"person": "q"}) == [None, None]
    both = same | {"person_side": "LR"}
    assert codes(both, both | {"person": "q"}) == [None, None]


@pytest.mark.parametrize(
    ("counted", "code"),
    [
        ({"jerks": 3, "lms": 2}, None),
        ({"jerks": 4, "lms": 2}, "counts_differ"),
        ({"jerks": 3}, "counts_differ"),
        (None, "counts_differ"),
    ],
)
def test_events_are_as_many_as_the_row_says_where_they_are_there(counted, code):
    counts = {"p": {} if counted is None else {("n0", "b"): counted}}
    assert codes({}, counts=counts) == [code]
    assert codes({}, counts={"q": {}}) == [None]
    assert codes({"jerks": None, "lms": 0}, counts={"p": {}}) == [None]


def test_a_night_without_a_date_says_nothing():
    assert codes({"date": None, "night": "x"}, {}, {}) == ["clock_unknown", None, None]


def test_what_was_left_out_for_one_reason_is_not_asked_again():
    """A simulated wrist among real ankles counts neither for its limb nor for its side."""
    odd = {"simulated": 1, "limb": "wrist", "person_side": "R"}
    assert codes(odd, odd, {}) == ["simulated", "simulated", None]
    assert all(code in cleaning.REASONS for code in ("twice", "simulated", "other_side"))
    assert cleaning.MAKER == ("detector_version", "settings_sha256", "rules_version")


def test_makers_are_told_the_commonest_first():
    told = cleaning.makers(rows({}, {}, {"limb": "wrist"}, {"settings_sha256": None, "limb": ""}))
    assert [(one["limb"], one["settings_sha256"], one["nights"]) for one in told] == [
        ("ankle", "s", 2),
        ("", "", 1),
        ("wrist", "s", 1),
    ]
