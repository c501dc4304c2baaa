"""People and their nights: variances against another program, intervals against known truth."""

import made_people as made
import numpy as np
import pytest
from notturno.cohort import mixed
from notturno.refusals import is_refusal
from whole import whole_or


def cohort(rng, people, nights, between, within, lag1=0.0, mean=1.5):
    """Return levels and days of made-up people; nights: one number, or (fewest, most)."""
    levels, days = [], []
    for _ in range(people):
        n = nights if isinstance(nights, int) else int(rng.integers(nights[0], nights[1] + 1))
        noise = rng.normal(0, 1, n)
        for j in range(1, n):
            noise[j] = lag1 * noise[j - 1] + np.sqrt(1 - lag1**2) * noise[j]
        levels.append(mean + rng.normal(0, np.sqrt(between)) + np.sqrt(within) * noise)
        days.append(np.arange(n))
    return levels, days


@pytest.mark.parametrize("seed", [3, 5], ids=["short tails", "long tails"])
def test_balanced_people_give_the_variances_of_the_classic_table(seed):
    """Winer's balanced table: between = (MSB - MSW) / n; the interval by F in closed form."""
    from scipy.stats import f, kurtosis

    levels, _ = cohort(np.random.default_rng(seed), 12, 7, 0.4, 0.6)
    table = np.array(levels)
    k, n = table.shape
    msb = n * table.mean(1).var(ddof=1)
    msw = ((table - table.mean(1, keepdims=True)) ** 2).sum() / (k * (n - 1))
    found = mixed.fit(levels)
    assert found.within == pytest.approx(msw, rel=1e-6)
    assert found.between == pytest.approx((msb - msw) / n, rel=1e-6)
    assert found.mean == pytest.approx(table.mean())
    assert found.mean_error == pytest.approx(np.sqrt(msb / (k * n)), rel=1e-6)
    assert found.tails == pytest.approx(max(0, kurtosis(table.mean(1), bias=False)))
    for bound, share, degrees in zip(
        (found.ratio_low, found.ratio_high), (0.975, 0.025), degrees_by_hand(table), strict=True
    ):
        exact = (msb / msw / f.ppf(share, degrees, k * (n - 1)) - 1) / n
        assert bound == pytest.approx(exact, rel=1e-6)


def degrees_by_hand(table):
    """Of a balanced table: one person left out after another, kurtosis and skewness of scipy."""
    from scipy.stats import kurtosis, skew

    means = table.mean(1)
    k = len(means)
    logs = np.array([np.log(np.delete(means, i).var(ddof=1)) for i in range(k)])
    left_out = k * np.log(means.var(ddof=1)) - (k - 1) * logs
    variance = left_out.var(ddof=1) / k
    low = max(variance, 2 / (k - 1) + max(0, kurtosis(means, bias=False)) / k)
    high = max(variance * (1 + 2 / k**0.5) + 3 * skew(means) ** 2 / k, 2 / (k - 1))
    return 2 / low, 2 / high


def test_unbalanced_people_give_the_variances_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    levels, _ = cohort(np.random.default_rng(5), 25, (1, 30), 0.5, 0.8)
    y = np.concatenate(levels)
    who = np.repeat(np.arange(len(levels)), [len(one) for one in levels])
    other = api.MixedLM(y, np.ones((len(y), 1)), groups=who).fit(reml=True, gtol=1e-10)
    found = mixed.fit(levels)
    assert found.within == pytest.approx(other.scale, rel=1e-4)
    assert found.between == pytest.approx(float(other.cov_re[0, 0]), rel=1e-3)
    assert found.mean == pytest.approx(float(other.fe_params[0]), rel=1e-5)
    assert found.mean_error == pytest.approx(float(other.bse_fe[0]), rel=3e-3)


def test_a_textbook_reliability():
    """Shrout, Fleiss (1979): four judges of six targets, ICC(1,1) is .17 and ICC(1,4) .44."""
    judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = mixed.fit(judged)
    assert mixed.reliability(found.ratio, 1) == pytest.approx(0.166, abs=0.0005)
    assert mixed.reliability(found.ratio, 4) == pytest.approx(0.443, abs=0.0005)
    # McGraw and Wong (1996) give the interval of ICC(1) of these data, of normal judges: -.13 to
    # .72; what is known of six people's tails makes ours no narrower.
    table = np.array(judged, float)
    squares = float(((table - table.mean(1, keepdims=True)) ** 2).sum())
    parts = mixed._Parts(np.full(6, 4.0), table.mean(1), squares, 18.0)
    low, high = parts.interval(0.95, (5, 5))
    assert low == 0 and mixed.reliability(high, 1) == pytest.approx(0.723, abs=0.001)
    assert found.ratio_low == 0 and 0.72 < mixed.reliability(found.ratio_high, 1) < 0.9


@pytest.mark.parametrize(
    "people, nights, between, lag1",
    [
        (30, 7, 0.25, 0.0),
        (8, (2, 20), 1.0, 0.0),
        (60, (20, 60), 0.5, 0.4),
        *whole_or([(60, (1, 40), 3.0, 0.0)], []),
    ],
)
def test_the_interval_holds_what_it_promises(people, nights, between, lag1):
    rng = np.random.default_rng(17)
    rounds, inside, of_mean = whole_or(600 if not lag1 else 300, 200), 0, 0
    for _ in range(rounds):
        found = mixed.fit(*cohort(rng, people, nights, between, 1.0, lag1))
        inside += found.ratio_low <= between <= found.ratio_high
        of_mean += abs(found.mean - 1.5) <= mixed.reach(found)
    assert 0.93 <= inside / rounds <= 0.99
    assert 0.93 <= of_mean / rounds <= 0.975


@pytest.mark.parametrize("people", whole_or([40, 150], [40]))
@pytest.mark.parametrize("tails", list(made.LONG_TAILS))
def test_people_with_long_tails_make_the_interval_wider(people, tails):
    """By kurtosis alone 0.87 to 0.93 of the intervals hold it, by Wald's own 0.71 to 0.83."""
    rng = np.random.default_rng(23)
    inside, rounds = 0, whole_or(300, 120)
    for _ in range(rounds):
        own = made.LONG_TAILS[tails](rng, people) * np.sqrt(0.5)
        found = mixed.fit(list(own[:, None] + rng.normal(0, 1, (people, 14))))
        inside += found.ratio_low <= 0.5 <= found.ratio_high
    assert 0.92 <= inside / rounds <= 0.995


def test_neighbours_that_are_alike_are_seen_and_make_means_worth_less():
    levels, days = cohort(np.random.default_rng(2), 80, 60, 0.5, 1.0, lag1=0.5)
    found = mixed.fit(levels, days)
    assert found.lag1 == pytest.approx(0.5, abs=0.06)
    assert found.believed_lag1 == found.lag1
    assert mixed.reliability(1.0, 14, 0.5) < mixed.reliability(1.0, 14)
    lonely = mixed.fit(levels, [day * 2 for day in days])
    assert lonely.lag1 is None and lonely.believed_lag1 == 0


def test_strangers_among_nights_are_taken_as_strangers():
    believed = [
        mixed.fit(*cohort(np.random.default_rng(seed), 40, 20, 0.5, 1.0)).believed_lag1
        for seed in range(100)
    ]
    assert sum(one > 0 for one in believed) <= 8
    assert max(believed) < 0.15


def test_spearman_and_brown():
    # One night of 0.5: two nights 2/3, four 0.8, nine 0.9.
    assert [mixed.reliability(1.0, k) for k in (1, 2, 4, 9)] == pytest.approx(
        [0.5, 2 / 3, 0.8, 0.9]
    )
    assert [mixed.nights_needed(1.0, r) for r in (0.5, 0.66, 0.8, 0.9)] == [1, 2, 4, 9]
    assert mixed.nights_needed(0.0, 0.5) is None
    assert mixed.nights_needed(1e-4, 0.9) is None


@pytest.mark.parametrize(
    "levels, code",
    [
        ([], "too_few_people"),
        ([[1.0, 2.0], [1.0, 3.0]], "too_few_people"),
        ([[1.0], [2.0], [3.0]], "too_few_nights"),
        ([[1.0, 1.0], [2.0, 2.0], [3.0]], "no_spread"),
    ],
)
def test_what_cannot_be_said_is_refused(levels, code):
    found = mixed.fit(levels)
    assert is_refusal(found) and found.code == code


def test_people_who_are_all_alike_have_no_reliability():
    levels = [[0.0, 1.0, 2.0], [1.0, 0.0, 2.0], [2.0, 1.0, 0.0], [1.0, 2.0, 0.0]]
    found = mixed.fit(levels)
    assert found.between == 0 and found.ratio_low == 0 and found.ratio_high < 1


def test_three_people_are_enough_to_say_how_unsure_it_is():
    found = mixed.fit([[1.0, 2.0], [4.0, 5.5], [9.0, 8.0]])
    assert found.people == 3 and found.nights == 6
    assert 0 < found.ratio_low < found.ratio < found.ratio_high
