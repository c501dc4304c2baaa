"""Ratio, trend, change points, power: against oracles, under the null, at the bounds."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno import refusals
from notturno.refusals import is_refusal
from notturno.scoring.manynights import change_points, neighbours, phases, power, trends
from notturno.scoring.manynights.levels import ADDED_PER_H, NightCount, NightValue, typical
from simulated_nights import CVS, MODELS, claims, coverage, series, two_phases

TEN = {"models": MODELS[:1], "rates": (10.0, 10.0)}
AT_0 = neighbours.LAGS.index(0.0)


def nights(counts, hours=8.0, first_day=0):
    return [
        NightCount(f"n{first_day + i:04d}", first_day + i, count, hours)
        for i, count in enumerate(counts)
    ]


def values(figures, first_day=0):
    return [NightValue(f"n{i}", first_day + i, figure) for i, figure in enumerate(figures)]


def spread_out(rng, n):
    """Return n nights of a calendar with holes."""
    days = np.sort(rng.choice(2 * n, n, replace=False)).tolist()
    counts, hours = rng.integers(5, 90, n).tolist(), rng.uniform(4, 9, n).tolist()
    return [NightCount(str(d), d, c, h) for d, c, h in zip(days, counts, hours, strict=True)]


# --- neighbours: one likelihood, written out the long way -----------------------------------


@pytest.mark.parametrize("lag1", [-0.4, 0.0, 0.35, 0.9])
def test_the_fits_are_those_of_a_full_covariance(lag1):
    found = spread_out(np.random.default_rng(1), 9)
    days = np.array([night.day for night in found], float)
    levels = np.array([night.level for night in found])
    x = np.column_stack([np.ones(9), days])
    apart = np.abs(days[:, None] - days)
    alike = np.where(apart == 0, 1.0, np.sign(lag1) ** apart * np.abs(lag1) ** apart)
    inverse = np.linalg.inv(alike)
    normal = x.T @ inverse @ x
    beta = np.linalg.solve(normal, x.T @ inverse @ levels)
    left = levels - x @ beta
    squares = left @ inverse @ left
    g = neighbours.LAGS.index(lag1)
    ours = neighbours.fit(found, x)
    assert ours.coefficients[g] == pytest.approx(beta)
    assert ours.variance[g] == pytest.approx(squares / 7)
    assert ours.unit_errors[g] == pytest.approx(np.sqrt(np.diag(np.linalg.inv(normal))))
    restricted = -0.5 * (
        np.linalg.slogdet(alike)[1] + np.linalg.slogdet(normal)[1] + 7 * log(squares)
    )
    assert ours.log_likelihood[g] == pytest.approx(restricted)
    grown = neighbours.mean_variance(neighbours.steps(found))[g]
    assert grown == pytest.approx(alike.mean())


def test_without_likeness_the_interval_is_welchs_and_the_line_that_of_least_squares():
    from scipy.stats import linregress, ttest_ind

    rng = np.random.default_rng(2)
    first, second = spread_out(rng, 8), spread_out(rng, 13)
    belief, _, _ = phases.believed_difference(first, second)
    oracle = ttest_ind(
        [night.level for night in second], [night.level for night in first], equal_var=False
    )
    assert belief.centres[AT_0] / belief.errors[AT_0] == pytest.approx(oracle.statistic)
    assert belief.degrees[AT_0] == pytest.approx(oracle.df)
    slope, _ = trends.believed_slope(second)
    line = linregress([n.day for n in second], [n.level for n in second])
    assert slope.centres[AT_0] == pytest.approx(line.slope)
    assert slope.errors[AT_0] == pytest.approx(line.stderr)


def test_the_likeness_of_many_nights_is_found():
    for lag1 in (0.0, 0.6):
        found = [
            phases.compare(
                series(np.random.default_rng(i), 60, 0.7, lag1, "log-normal"),
                series(np.random.default_rng(90 + i), 60, 0.7, lag1, "log-normal"),
            )["lag1"]
            for i in range(8)
        ]
        assert np.mean(found) == pytest.approx(lag1, abs=0.1)


def test_a_belief_of_one_part_is_students():
    from scipy.stats import t

    one = neighbours.Belief(*(np.array([v]) for v in (1.0, 0.3, 0.2, 5.0)))
    assert one.quantile(0.975) == pytest.approx(t.ppf(0.975, 5, 0.3, 0.2))
    assert one.p() == pytest.approx(2 * t.sf(0.3 / 0.2, 5))


# --- two phases -----------------------------------------------------------------------------

COUNTS = st.lists(st.integers(0, 300), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(COUNTS, COUNTS)
def test_one_method_a_line_p_the_interval_and_the_two_rates_agree(a, b):
    found = phases.compare(nights(a), nights(b, first_day=50))
    if not any(a + b):
        assert found["ratio"].code == refusals.TOO_FEW_MOVEMENTS
        return
    assert found["ratio"] == pytest.approx(found["typical"][1] / found["typical"][0])
    assert found["ratio_low"] <= found["ratio"] <= found["ratio_high"]
    excluded = not found["ratio_low"] <= 1 <= found["ratio_high"]
    assert excluded == (found["p"] < 0.05) or found["p"] == pytest.approx(0.05, abs=1e-6)
    turned = phases.compare(nights(b, first_day=50), nights(a))
    assert turned["ratio"] == pytest.approx(1 / found["ratio"])
    assert turned["ratio_low"] == pytest.approx(1 / found["ratio_high"], rel=1e-4)
    assert turned["p"] == pytest.approx(found["p"], abs=1e-9)


def test_a_typical_rate_is_the_geometric_mean_with_a_little_added():
    found = nights([8, 32], hours=8.0)
    assert ADDED_PER_H == 0.0625
    assert typical(found) == pytest.approx(((1 + 0.0625) * (4 + 0.0625)) ** 0.5)


def test_a_true_effect_down_to_nothing_is_seen():
    found = phases.compare(nights([180, 190, 170, 200]), nights([0, 0, 0, 0], first_day=9))
    assert found["ratio"] == pytest.approx(0.0625 / 23.1, rel=0.03)
    assert found["ratio_high"] < 0.1 and found["p"] < 0.01


@pytest.mark.parametrize(
    ("first", "second", "refused"), [(2, 9, True), (9, 2, True), (3, 3, False)]
)
def test_phases_need_three_nights_each(first, second, refused):
    found = phases.compare(nights([9] * first), nights([12] * second, first_day=20))
    for key in ("ratio", "ratio_low", "ratio_high", "p", "lag1", "smallest_change"):
        assert is_refusal(found[key]) is refused
    assert found["events"] == [9 * first, 12 * second]


def test_nights_alike_by_luck_are_never_surer_than_counting_allows():
    found = phases.compare(nights([4, 4, 4]), nights([8, 8, 8], first_day=9))
    # ln 2 (nearly) with 12 and 24 events counted: the error alone is sqrt(1/12 + 1/24).
    assert found["ratio_high"] / found["ratio"] > exp(1.96 * (1 / 13.5 + 1 / 25.5) ** 0.5)


def test_few_events_are_said_to_draw_the_ratio_toward_one():
    few = phases.compare(nights([1, 0, 1, 0]), nights([0, 1, 0, 0], first_day=9))
    many = phases.compare(nights([5, 6, 7, 5]), nights([0, 1, 0, 0], first_day=9))
    assert "drawn toward 1" in few["caveat"] and "drawn toward 1" not in many["caveat"]
    assert "no proof of its cause" in many["caveat"]


def test_values_are_compared_by_their_difference():
    first, second = values([0.5, 0.6, 0.55, 0.52]), values([0.3, 0.35, 0.28, 0.31], 20)
    found = phases.compare(first, second)
    assert found["difference"] == pytest.approx(0.31 - 0.5425)
    assert found["difference_high"] < 0 and found["p"] < 0.05
    assert is_refusal(found["nights_needed"]) and found["smallest_change"] > 0
    same = phases.compare(values([0.5] * 3), values([0.4] * 3, 9))
    assert same["difference"].code == refusals.NO_SPREAD


# --- measured coverage ----------------------------------------------------------------------


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(("lag1", "least"), [(0.0, 0.93), (0.3, 0.93), (0.6, 0.90)])
def test_the_interval_holds_the_true_ratio_as_often_as_it_says(lag1, least, apart):
    rng = np.random.default_rng(3)
    sizes = [(3, 3), (5, 5), (10, 10), (15, 15), (20, 8)]
    held = [coverage(rng, 100, size, CVS, lag1, MODELS, apart)[0] for size in sizes]
    assert least <= np.mean(held) <= 0.985
    assert min(held) >= least - 0.05


@pytest.mark.parametrize("n", [6, 15, 30])
def test_trends_and_changes_are_rarely_claimed_where_there_are_none(n):
    for lag1, most in ((0.0, 0.07), (0.3, 0.08)):
        trend, change = claims(np.random.default_rng(n), 250, n, CVS, lag1, MODELS)
        assert trend <= most and change <= most


def test_planted_changes_and_ratios_are_still_found():
    _, change = claims(np.random.default_rng(5), 60, 30, (0.3,), 0.0, MODELS[:1], step=0.4)
    assert change >= 0.9
    rng = np.random.default_rng(6)
    _, shown = coverage(rng, 60, (10, 10), (0.3,), lag1=0.0, ratios=(0.5,), **TEN)
    assert shown >= 0.9


# --- what these nights could show -----------------------------------------------------------


@pytest.mark.parametrize(("cv", "least", "most"), [(0.5, 10, 13), (0.7, 14, 20), (1.0, 20, 30)])
def test_a_halving_needs_the_nights_that_show_it_four_times_in_five(cv, least, most):
    counting = (1 / 65 + 2 / 65) / 2  # 10 an hour in 6.5 h, and half of that
    variance = log(1 + cv**2) + counting
    needed = power.nights_needed(variance, 0.0, 0.95)
    assert least <= needed <= most
    assert power.nights_needed(variance, 0.3, 0.95) > 1.3 * needed
    rng = np.random.default_rng(1)
    _, shown = coverage(rng, 300, (needed, needed), (cv,), lag1=0.0, ratios=(0.5,), **TEN)
    assert 0.75 <= shown <= 0.86


@pytest.mark.parametrize("n", [6, 10, 20])
def test_the_smallest_change_is_one_that_shows_four_times_in_five(n):
    rng = np.random.default_rng(8)
    found = [
        phases.compare(*two_phases(rng, (n, n), 0.5, 0.0, MODELS[0], 1.0, rates=TEN["rates"]))
        for _ in range(60)
    ]
    typical_one = float(np.median([one["smallest_change"] for one in found]))
    _, shown = coverage(rng, 300, (n, n), (0.5,), lag1=0.0, ratios=(typical_one,), **TEN)
    assert 0.70 <= shown <= 0.88


def test_nights_that_differ_without_end_get_no_plan():
    assert is_refusal(power.nights_needed(1e6, 0.0, 0.95))


# --- trend and spread -----------------------------------------------------------------------


def test_a_planted_trend_is_found_and_its_interval_holds_it():
    rng = np.random.default_rng(9)
    counts = [int(rng.poisson(400 * 1.02**day)) for day in range(20)]
    found = trends.trend(nights(counts))
    planted = 100 * (1.02**7 - 1)
    assert found["direction"] == "rising" and found["unit"] == "percent a week"
    assert found["trend_per_week"] == pytest.approx(planted, abs=1.5)
    assert found["trend_low"] < planted < found["trend_high"]


def test_a_trend_of_values_is_in_their_unit_a_week():
    found = trends.trend(values([0.5 + 0.01 * i + 0.001 * (-1) ** i for i in range(15)]))
    assert found["trend_per_week"] == pytest.approx(0.07, abs=0.002)
    assert found["unit"] == "a week"


@pytest.mark.parametrize("figure", [lambda n: trends.trend(n)["p"], trends.variability])
def test_nothing_over_nights_below_three(figure):
    assert figure(nights([10, 12])).code == refusals.TOO_FEW_NIGHTS
    assert not is_refusal(figure(nights([10, 12, 14])))


def test_few_events_on_a_straight_line_by_luck_are_no_trend():
    assert trends.trend(nights([1, 3, 7]))["direction"] == "no clear trend"


def test_no_events_at_all_make_no_trend():
    assert trends.trend(nights([0, 0, 0, 0]))["trend_low"].code == refusals.TOO_FEW_MOVEMENTS
    assert trends.trend(values([1, 1, 1]))["trend_low"].code == refusals.NO_SPREAD


def test_nights_that_differ_by_chance_alone_have_a_spread_of_one():
    rng = np.random.default_rng(3)
    even = nights(rng.poisson(40, 400).tolist())
    assert trends.variability(even)["times_more_than_chance"] == pytest.approx(1, abs=0.15)
    wild = series(rng, 400, 0.7, 0.0, "gamma")
    assert trends.variability(wild)["times_more_than_chance"] > 2


# --- change points --------------------------------------------------------------------------


def test_no_change_point_below_two_parts_of_three():
    few = change_points.change_points(nights([5] * 5))
    assert few["change_points"] == [] and "under 6 nights" in few["note"]
    assert change_points.change_points(nights([5] * 6))["change_points"] == []


def test_planted_changes_are_found_at_their_nights():
    rng = np.random.default_rng(12)
    means = [80] * 15 + [24] * 15 + [80] * 15
    found = change_points.change_points(nights([int(rng.poisson(m)) for m in means]))
    assert [part["nights"] for part in found["segments"]] == [15, 15, 15]
    first = found["change_points"][0]
    assert (first["night"], first["last_night_before"]) == ("n0015", "n0014")
    before, after = (part["typical"] for part in found["segments"][:2])
    assert first["ratio"] == pytest.approx(after / before) == pytest.approx(0.3, abs=0.05)


@given(st.lists(st.integers(-50, 50), min_size=6, max_size=20))
def test_the_best_cut_leaves_the_least_sum_of_squares(numbers):
    def left(cut):
        return sum(np.var(part) * len(part) for part in (numbers[:cut], numbers[cut:]))

    cut, gain = change_points._best_cut(np.array(numbers, float)[None, :])
    least = min(left(k) for k in range(3, len(numbers) - 2))
    whole = np.var(numbers) * len(numbers)
    assert left(int(cut[0])) == pytest.approx(least, abs=1e-6)
    assert gain[0] * whole == pytest.approx(whole - least, abs=1e-6)


def test_the_same_nights_give_the_same_changes_every_time():
    found = series(np.random.default_rng(4), 20, 0.7, 0.3, "gamma")
    assert change_points.change_points(found) == change_points.change_points(found)
