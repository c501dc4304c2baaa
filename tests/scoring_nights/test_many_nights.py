"""Which nights count, what made them, phases by name, the figures of a band, the diary."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from night_rows import night_row
from notturno import refusals
from notturno.errors import UserError
from notturno.nights.columns import DEFAULT_MEASURES, MEASURES
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.manynights import diary, figures, makers, usable
from notturno.scoring.manynights.levels import NightCount, NightValue
from notturno.scoring.manynights.usable import two_phases

REFUSED = {"refused": "The band was not worn for 6.0 of 8.0 h.", "code": "not_worn"}


def nights(counts, key="jerks_per_h"):
    return usable.usable([night_row(i, count) for i, count in enumerate(counts)], key)[0]


# --- which nights count ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, None),
        ({"refusal": REFUSED}, refusals.NOT_WORN),
        ({"refusal": {"refused": "It is running.", "code": "not_complete"}}, "not_complete"),
        ({"date": None}, refusals.CLOCK_UNKNOWN),
        ({"jerks_per_h": None, "refusals": {"jerks_per_h": REFUSED}}, refusals.NOT_WORN),
        ({"jerks_per_h": None}, refusals.NOT_GIVEN),
        ({"countable_h": 0.0}, refusals.TOO_SHORT),
        ({"countable_h": 0.6}, None),
    ],
)
def test_a_night_is_left_out_by_name_with_the_reason_of_its_row(values, code):
    kept, left_out = usable.usable([night_row(0, 10, **values)], "jerks_per_h")
    assert len(kept) == (code is None)
    assert [(night, reason.code) for night, reason in left_out.items()] == (
        [("2026-01-01", code)] if code else []
    )


def test_a_rate_is_its_count_over_its_own_hours():
    row = night_row(0, 12, hours=8.0)
    for key, figure in (
        ("jerks_per_h", 12 / 8),
        ("lms_per_h", 24 / 8),
        ("plms_per_h_wasm2016", 12 / 4),
        ("rhythms", 4 / 8),  # a count without a rate of its own: by the countable hour
    ):
        (night,) = usable.usable([row], key)[0]
        assert isinstance(night, NightCount) and night.figure == pytest.approx(figure), key
    for key, value in (("periodicity_index", 0.5), ("asleep_h", 4.0)):
        (night,) = usable.usable([row], key)[0]
        assert isinstance(night, NightValue) and night.figure == value


def test_every_measure_of_a_night_can_be_taken_over_nights():
    rows = [night_row(i, 5 + i) for i in range(4)]
    found = figures.of_band(rows, measures=MEASURES)
    assert set(found["measures"]) == set(MEASURES)
    json.dumps(refusals.to_json(found))


def test_nights_of_two_bands_are_never_one_series():
    with pytest.raises(ValueError, match="one band"):
        usable.usable([night_row(0, 1), night_row(0, 1, device_id="b2")], "jerks_per_h")


# --- what made them -------------------------------------------------------------------------


@pytest.mark.parametrize("key", list(makers.MADE_BY))
def test_nights_of_different_makers_are_not_compared_and_the_nights_are_named(key):
    old = [night_row(i, 10) for i in range(10)]
    new = [night_row(10 + i, 30, **{key: "4"}) for i in range(10)]
    refusal = makers.different_makers(old + new)
    assert refusal.code == refusals.DIFFERENT_MAKERS
    for words in ("2026-01-01 to 2026-01-10", "2026-01-11 to 2026-01-20", makers.MADE_BY[key]):
        assert words in refusal.reason
    for measure in figures.compare_band((old, new))["measures"].values():
        for name in ("ratio", "ratio_low", "p", "smallest_change", "nights_needed"):
            assert measure.get(name, refusal) == refusal or is_refusal(measure[name])
    over = figures.of_band(old + new)["measures"]["jerks_per_h"]
    assert over["typical"] == over["trend"]["trend_per_week"] == refusal
    assert over["change_points"]["change_points"] == refusal


def test_nights_of_one_maker_are_compared():
    assert makers.different_makers([night_row(i, 10) for i in range(5)]) is None


def test_a_night_that_is_left_out_brings_no_other_maker():
    rows = [night_row(i, 10 + i) for i in range(6)]
    rows.append(night_row(6, 30, detector_version=4, refusal=REFUSED))
    found = figures.of_band(rows)["measures"]["jerks_per_h"]
    assert not is_refusal(found["trend"]["trend_per_week"])


def test_many_changes_of_maker_are_counted_and_not_listed_without_end():
    rows = [night_row(i, 10, detector_version=3 + i % 2) for i in range(40)]
    assert "more changes: 36" in makers.different_makers(rows).reason


# --- the figures of a band ------------------------------------------------------------------


def test_a_false_effect_by_the_denominator_is_gone():
    """Once 1.65 times (1.31 to 2.08): 3 of 8 h awake, and 4 jerks each countable hour in all."""
    rng = np.random.default_rng(1)
    awake = [night_row(i, int(rng.poisson(20)), 5.0, recorded_h=8.0) for i in range(14)]
    still = [night_row(14 + i, int(rng.poisson(32)), 8.0, recorded_h=8.0) for i in range(14)]
    found = figures.compare_band((awake, still))["measures"]["jerks_per_h"]
    assert found["ratio_low"] < 1 < found["ratio_high"]
    assert found["ratio"] == pytest.approx(1, abs=0.15)


def test_the_table_of_a_band_tells_every_night_as_its_row_does():
    rows = [night_row(i, 10) for i in range(3)] + [night_row(3, 40, refusal=REFUSED)]
    found = figures.of_band(rows)
    assert [line["night"] for line in found["table"]] == [row["night"] for row in rows]
    assert found["table"][3]["refusal"] == Refusal(REFUSED["refused"], "not_worn")
    for line, row in zip(found["table"], rows, strict=True):
        assert {key: line[key] for key in ("state", *DEFAULT_MEASURES)} == {
            key: row[key] for key in ("state", *DEFAULT_MEASURES)
        }
    assert (found["nights"], found["usable_nights"]) == (4, 3)
    assert list(found["left_out"]) == ["2026-01-04"]


def test_sections_keep_bands_and_the_person_apart():
    rows = [night_row(0, 1), night_row(0, 1, device_id="b2"), night_row(0, 1, device_id="person")]
    assert [{row["device_id"] for row in part} for part in figures.sections(rows)] == [
        {"a1"},
        {"b2"},
        {"person"},
    ]


# --- phases by name -------------------------------------------------------------------------

TAGS = [
    {"name": "dose", "first_night": "2026-01-06", "last_night": "2026-01-08"},
    {"name": "free", "first_night": "2026-01-09", "last_night": None},
    {"name": "late", "first_night": "2026-01-08", "last_night": "2026-01-09"},
]
ROWS = [night_row(i, 5) for i in range(10)]  # 1 to 10 January


@pytest.mark.parametrize(
    ("first", "second", "sizes"),
    [
        ("before", "dose", (5, 3)),
        ("dose", "after", (3, 2)),
        ("dose", "free", (3, 2)),
        ("before", "late", (7, 2)),
    ],
)
def test_a_phase_is_a_tag_or_what_lies_around_the_other(first, second, sizes):
    assert tuple(map(len, two_phases(ROWS, TAGS, first, second))) == sizes


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("nonsense", "dose", "the phases are: dose, free, late"),
        ("before", "after", "dose"),
        ("dose", "dose", "two different"),
        ("dose", "late", "share nights .1, from 2026-01-08"),
        ("free", "after", "still going on"),
    ],
)
def test_a_phase_that_makes_no_sense_is_said_plainly(first, second, words):
    with pytest.raises(UserError, match=words):
        two_phases(ROWS, TAGS, first, second)


def test_a_tag_named_before_goes_before_the_word():
    tags = [*TAGS, {"name": "before", "first_night": "2026-01-01", "last_night": "2026-01-02"}]
    assert len(two_phases(ROWS, tags, "before", "dose")[0]) == 2


# --- diary ----------------------------------------------------------------------------------


def entries(counts, name, values):
    return [
        {"night": night.date, "name": name, "value": value}
        for night, value in zip(counts, values, strict=False)
    ]


def test_what_goes_along_is_found_and_what_does_not_is_not():
    rng = np.random.default_rng(21)
    coffee = rng.integers(0, 5, 40)
    found_nights = [
        NightCount(f"n{i}", i, int(rng.poisson(20 + 10 * c)), 8.0) for i, c in enumerate(coffee)
    ]
    said = entries(found_nights, "caffeine", coffee.tolist())
    said += entries(found_nights, "stress", rng.integers(0, 10, 40).tolist())
    found = diary.associations(found_nights, said)
    assert found["by_name"]["caffeine"]["clear"] and found["looks"] == 2
    assert found["by_name"]["caffeine"]["rank_correlation"] > 0.7
    assert not found["by_name"]["stress"]["clear"]
    assert "by chance" in found["caveat"]


@pytest.mark.parametrize(("n", "refused"), [(5, True), (6, False)])
def test_an_association_needs_six_nights_with_an_entry(n, refused):
    every = nights(range(10, 20))
    found = diary.associations(every, entries(every, "dose", range(n)))["by_name"]["dose"]
    assert is_refusal(found) is refused
    if not refused:
        assert found["nights_without_entry"] == 4


def test_the_same_entry_every_night_says_nothing():
    every = nights(range(10, 20))
    found = diary.associations(every, entries(every, "dose", [1] * 10))
    assert is_refusal(found["by_name"]["dose"]) and found["looks"] == 0


@pytest.mark.parametrize(
    ("counts", "values", "refused"),
    [
        ([10] * 10, range(10), True),
        ([10] * 9 + [11], range(10), False),
        (range(10, 20), [1] * 9 + [2], False),
    ],
)
def test_two_different_nights_and_two_different_entries_are_enough(counts, values, refused):
    every = nights(counts)
    found = diary.associations(every, entries(every, "dose", values))["by_name"]["dose"]
    assert is_refusal(found) is refused


def test_the_rank_correlation_is_that_of_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(22)
    a, b = rng.integers(0, 4, 30).tolist(), rng.integers(0, 9, 30).tolist()
    assert diary._spearman(a, b, 99, 1)[0] == pytest.approx(spearmanr(a, b).statistic)


def test_twenty_looks_at_nothing_rarely_find_something():
    rng = np.random.default_rng(23)
    false_alarms = 0
    for i in range(60):
        every = nights(rng.negative_binomial(3, 0.07, 20).tolist())
        said = [e for k in range(8) for e in entries(every, f"x{k}", rng.normal(size=20))]
        found = diary.associations(every, said, draws=399, seed=1000 * i)["by_name"]
        false_alarms += any(one["clear"] for one in found.values())
    assert false_alarms <= 8


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_its_definition(p_values):
    ours = diary.holm(p_values)
    m = len(p_values)
    order = sorted(range(m), key=p_values.__getitem__)
    for rank, i in enumerate(order):
        expected = max(min(1.0, (m - k) * p_values[order[k]]) for k in range(rank + 1))
        assert ours[i] == pytest.approx(expected)


def test_a_maker_is_told_once_also_where_a_night_has_several():
    made = [2, "2 and band", "band", "3 and band"]
    rows = [night_row(i, 10, names_version=name) for i, name in enumerate(made)]
    assert list(map(str, figures.of_band(rows)["provenance"]["names_version"])) == [
        "2",
        "3",
        "band",
    ]
