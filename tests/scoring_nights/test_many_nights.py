"""Trend, spread, phases, change points, diary: against oracles, under the null, at the bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from night_rows import night_row
from notturno import refusals
from notturno.errors import UserError
from notturno.refusals import is_refusal
from notturno.scoring.manynights import (
    change_points,
    countmodel,
    diary,
    phases,
    trends,
    usable,
)
from notturno.scoring.manynights.phase_nights import two_phases
from notturno.scoring.manynights.usable import NightCount


def nights(counts, hours=8.0, first_day=0):
    rows = [night_row(first_day + i, count, hours) for i, count in enumerate(counts)]
    return usable.usable(rows)[0]


def drawn(rng, n, rate, alpha, first_day=0):
    """Return nights with negative binomial counts of mean rate * hours."""
    hours = rng.uniform(5, 9, n)
    means = rate * hours
    size = 1 / alpha
    counts = rng.negative_binomial(size, size / (size + means))
    return [
        NightCount(f"n{first_day + i:04d}", first_day + i, int(c), float(h))
        for i, (c, h) in enumerate(zip(counts, hours, strict=True))
    ]


# --- which nights count ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"recorded_s": 3599.0}, refusals.TOO_SHORT),
        ({"recorded_s": 3600.0}, None),
        ({"gap_s": 7200.0}, None),
        ({"gap_s": 7201.0}, refusals.TOO_MANY_GAPS),
        ({"not_worn_min": 96}, None),
        ({"not_worn_min": 97}, refusals.NOT_WORN),
        ({"date": None}, refusals.CLOCK_UNKNOWN),
    ],
)
def test_a_night_is_left_out_by_name(values, code):
    kept, left_out = usable.usable([night_row(0, 10, **values)])
    assert len(kept) == (code is None)
    assert [reason.code for reason in left_out.values()] == ([code] if code else [])


@pytest.mark.parametrize("figure", [trends.trend, trends.variability])
def test_nothing_over_nights_below_three(figure):
    assert figure(nights([10, 12])).code == refusals.TOO_FEW_NIGHTS
    assert not is_refusal(figure(nights([10, 12, 14])))


def test_phases_need_three_nights_each():
    for first, second, refused in ((2, 9, True), (9, 2, True), (3, 3, False)):
        found = phases.compare(nights([9] * first), nights([12] * second, first_day=20))
        assert is_refusal(found["rate_ratio"]) is refused
        assert is_refusal(found["permutation"]) is refused
        assert found["events"] == [9 * first, 12 * second]


def test_change_points_need_two_parts_of_three():
    assert change_points.change_points(nights([5] * 5)).code == refusals.TOO_FEW_NIGHTS
    assert change_points.change_points(nights([5] * 6))["points"] == []


# --- trend and spread -----------------------------------------------------------------------


def test_a_planted_trend_is_found_and_its_interval_holds_it():
    counts = [round(400 * 1.02**day) for day in range(20)]
    found = trends.trend(nights(counts))
    planted = 100 * (1.02**7 - 1)
    assert found["direction"] == "rising"
    assert found["percent_per_week"] == pytest.approx(planted, abs=0.3)
    assert found["percent_per_night"] == pytest.approx(2, abs=0.05)
    assert found["theil_sen_percent_per_night"] == pytest.approx(2, abs=0.1)
    assert found["interval_per_week"][0] < planted < found["interval_per_week"][1]


@pytest.mark.parametrize(("days", "by_week"), [(6, False), (7, True)])
def test_less_than_a_week_of_nights_says_nothing_of_a_week(days, by_week):
    found = trends.trend(nights(range(20, 20 + days)))
    assert found["days"] == days
    for key in ("percent_per_week", "interval_per_week"):
        assert is_refusal(found[key]) is not by_week


@pytest.mark.parametrize(("last", "refused"), [(3, True), (4, False)])
def test_a_trend_needs_ten_events(last, refused):
    assert is_refusal(trends.trend(nights([2, 4, last]))) is refused


def test_the_line_and_its_error_are_those_of_scipy():
    from scipy.stats import linregress, theilslopes

    rng = np.random.default_rng(1)
    found = drawn(rng, 15, 4.0, 0.1)
    days, logs = [n.day for n in found], [n.log_rate for n in found]
    oracle = linregress(days, logs)
    slope, error = trends._line(days, logs)
    assert slope == pytest.approx(oracle.slope, rel=1e-9)
    assert error == pytest.approx(oracle.stderr, rel=1e-9)
    assert trends._theil_sen(days, logs) == pytest.approx(theilslopes(logs, days)[0], rel=1e-9)


def test_few_events_on_a_straight_line_by_luck_are_no_trend():
    assert trends.trend(nights([1, 3, 7]))["direction"] == "no clear trend"
    assert trends.trend(nights([1000, 3000, 9000]))["direction"] == "rising"


@pytest.mark.parametrize("n", [3, 5, 14])
def test_a_trend_is_claimed_by_chance_in_5_of_100_or_fewer(n):
    rng = np.random.default_rng(n)
    claimed = sum(
        trends.trend(drawn(rng, n, 5.0, 0.1))["direction"] != "no clear trend" for _ in range(600)
    )
    assert claimed / 600 < 0.08


def test_nights_that_differ_by_chance_alone_have_a_spread_of_one():
    rng = np.random.default_rng(3)
    even = [NightCount(str(i), i, int(rng.poisson(40)), 8.0) for i in range(400)]
    assert trends.variability(even)["times_more_than_chance"] == pytest.approx(1, abs=0.15)
    assert trends.variability(drawn(rng, 400, 5.0, 0.3))["times_more_than_chance"] > 5


def test_no_events_at_all_make_no_trend():
    assert trends.trend(nights([0, 0, 0, 0])).code == refusals.TOO_FEW_MOVEMENTS


# --- the count model ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle():
    from statsmodels.discrete.discrete_model import NegativeBinomial

    def fit(counts, columns, hours):
        model = NegativeBinomial(counts, columns, offset=np.log(hours))
        return model.fit(method="bfgs", maxiter=1000, gtol=1e-8, disp=False)

    return fit


@pytest.mark.parametrize(
    ("seed", "n", "rate", "ratio", "alpha"),
    [
        (1, 10, 4.0, 1.0, 0.2),
        (2, 30, 12.0, 0.5, 0.4),
        (3, 7, 2.0, 2.0, 0.6),
        (4, 100, 0.6, 1.3, 1.0),
        (5, 50, 60.0, 0.8, 0.05),
        (6, 15, 200.0, 3.0, 0.3),
    ],
)
def test_the_count_model_is_that_of_statsmodels(oracle, seed, n, rate, ratio, alpha):
    rng = np.random.default_rng(seed)
    both = drawn(rng, n, rate, alpha) + drawn(rng, n, rate * ratio, alpha, 1000)
    counts = np.array([night.count for night in both])
    hours = np.array([night.hours for night in both])
    columns = np.column_stack([np.ones(2 * n), np.arange(2 * n) >= n]).astype(float)
    ours, theirs = countmodel.fit(counts, columns, hours), oracle(counts, columns, hours)
    assert ours.log_likelihood >= theirs.llf - 1e-6
    assert ours.beta == pytest.approx(theirs.params[:2], abs=1e-3)
    assert ours.alpha == pytest.approx(theirs.params[2], rel=5e-3)
    errors = np.sqrt(np.diag(ours.covariance))
    assert errors == pytest.approx(theirs.bse[:2], rel=5e-3)
    low, high = theirs.conf_int()[1]
    assert [ours.beta[1] - 1.959964 * errors[1], ours.beta[1] + 1.959964 * errors[1]] == (
        pytest.approx([low, high], abs=3e-3)
    )


def test_counts_less_spread_than_chance_get_a_poisson_model():
    found = phases.rate_ratio(nights([40, 41, 39, 40]), nights([20, 21, 19, 20], first_day=9))
    assert found["overdispersion"] == 0 and "Poisson" in found["model"]
    assert found["ratio"] == pytest.approx(0.5)
    assert found["ln_ratio_error"] == pytest.approx((1 / 160 + 1 / 80) ** 0.5)


@pytest.mark.parametrize("n", [3, 5, 10])
def test_the_interval_holds_the_true_ratio_as_often_as_it_says(n):
    rng = np.random.default_rng(100 + n)
    held = 0
    for _ in range(200):
        found = phases.rate_ratio(drawn(rng, n, 5.0, 0.2), drawn(rng, n, 10.0, 0.2, 50))
        held += found["interval"][0] <= 2.0 <= found["interval"][1]
    assert held / 200 >= 0.89


def test_the_interval_is_students_of_the_nights_less_two():
    found = phases.rate_ratio(nights([40, 20, 30]), nights([25, 9, 14], first_day=9))
    reach = 2.776445 * found["ln_ratio_error"]  # 4 degrees of freedom, from the printed tables
    low, high = np.log(found["interval"])
    assert [low, high] == pytest.approx([found["ln_ratio"] - reach, found["ln_ratio"] + reach])


@pytest.mark.parametrize(("events", "refused"), [(4, True), (5, False)])
def test_a_ratio_needs_five_events_in_each_phase(events, refused):
    found = phases.rate_ratio(nights([events, 0, 0]), nights([9, 8, 7], first_day=9))
    assert is_refusal(found) is refused
    if refused:
        assert found.code == refusals.TOO_FEW_MOVEMENTS


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(2, 200), min_size=3, max_size=12),
    st.lists(st.integers(2, 200), min_size=3, max_size=12),
)
def test_swapped_phases_give_the_inverse_ratio_and_the_same_p(a, b):
    one = phases.compare(nights(a), nights(b, first_day=50))
    other = phases.compare(nights(b, first_day=50), nights(a))
    assert one["rate_ratio"]["ratio"] == pytest.approx(1 / other["rate_ratio"]["ratio"], rel=1e-4)
    assert one["permutation"]["p"] == pytest.approx(other["permutation"]["p"], abs=0.02)


# --- permutation tests under the null -------------------------------------------------------


def uniform_enough(p_values):
    """Kolmogorov's distance from uniform, at the level of one in a thousand."""
    from scipy.stats import kstest

    return kstest(p_values, "uniform").pvalue > 0.001


@pytest.mark.parametrize("exact", [True, False])
def test_p_of_the_permutation_test_is_uniform_where_nothing_changed(exact):
    rng = np.random.default_rng(7)
    n = 7 if exact else 12
    found = [
        phases.permutation(drawn(rng, n, 5, 0.3), drawn(rng, n, 5, 0.3, 50), 999)
        for _ in range(300)
    ]
    assert {one["exact"] for one in found} == {exact}
    assert uniform_enough([one["p"] for one in found])


def test_p_of_drawn_divisions_counts_the_real_one_too():
    found = phases.permutation(nights(range(12)), nights(range(500, 512), first_day=50), 999)
    assert (found["p"], found["exact"]) == (1 / 1000, False)


def test_three_against_three_nights_can_never_be_under_one_in_ten():
    found = phases.permutation(nights([1, 2, 1]), nights([50, 60, 70], first_day=9))
    assert found["p"] == pytest.approx(0.1) == pytest.approx(found["smallest_possible_p"])


def test_the_same_nights_give_the_same_p_every_time():
    rng = np.random.default_rng(8)
    a, b = drawn(rng, 15, 5, 0.3), drawn(rng, 15, 7, 0.3, 50)
    assert phases.permutation(a, b) == phases.permutation(a, b)


# --- change points --------------------------------------------------------------------------


def test_a_planted_change_is_found_at_its_night():
    rng = np.random.default_rng(11)
    found = change_points.change_points(drawn(rng, 20, 10, 0.02) + drawn(rng, 15, 4, 0.02, 20))
    assert [point["first_night_after"] for point in found["points"]] == ["n0020"]
    assert found["points"][0]["rate_ratio"] == pytest.approx(0.4, abs=0.06)
    assert [part["nights"] for part in found["segments"]] == [20, 15]


def test_two_planted_changes_are_both_found():
    rng = np.random.default_rng(12)
    every = drawn(rng, 15, 10, 0.02) + drawn(rng, 15, 3, 0.02, 15) + drawn(rng, 15, 10, 0.02, 30)
    found = change_points.change_points(every)
    assert [part["nights"] for part in found["segments"]] == [15, 15, 15]


@given(st.lists(st.integers(-50, 50), min_size=6, max_size=20))
def test_the_best_cut_leaves_the_least_sum_of_squares(values):
    def left(cut):
        return sum(np.var(part) * len(part) for part in (values[:cut], values[cut:]))

    row = np.array(values, float)[None, :]
    cut, gain = change_points._best_cut(row)
    least = min(left(k) for k in range(3, len(values) - 2))
    assert left(int(cut[0])) == pytest.approx(least, abs=1e-6)
    assert gain[0] == pytest.approx(np.var(values) * len(values) - least, abs=1e-6)


def test_a_change_is_claimed_by_chance_in_about_5_of_100():
    rng = np.random.default_rng(13)
    claimed = sum(
        bool(change_points.change_points(drawn(rng, 20, 6, 0.2), draws=199, seed=i)["points"])
        for i in range(300)
    )
    assert 0.02 < claimed / 300 < 0.09


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


def test_the_rank_correlation_is_that_of_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(22)
    a, b = rng.integers(0, 4, 30).tolist(), rng.integers(0, 9, 30).tolist()
    assert diary._spearman(a, b, 99, 1)[0] == pytest.approx(spearmanr(a, b).statistic)


def test_twenty_looks_at_nothing_rarely_find_something():
    rng = np.random.default_rng(23)
    false_alarms = 0
    for i in range(60):
        every = drawn(rng, 20, 5, 0.3)
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
