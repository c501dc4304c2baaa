"""The model of a band's oscillator, term by term: against matrices, and against hand figures."""

import math

import numpy as np
import pytest
from notturno.nights import drift
from notturno.nights.clocks import BootClock, _counts, _pieces
from notturno.nights.oscillators import OSCILLATORS, STEADY, Oscillator

H_MS, D_MS = 3_600_000, 86_400_000
KIND = Oscillator(0.35, 0.01, 0.003, 0.003)
STATE = (1000.0, 20.0, 0.004, 400.0, 0.01, 0.0001)  # tick, phase, drift, variances pp, pd, dd


def matrices(state):
    _, phase, slope, pp, pd, dd = state
    return np.array([phase, slope]), np.array([[pp, pd], [pd, dd]])


@pytest.mark.parametrize("step_ms", [H_MS, -H_MS, 9 * H_MS, -3.5 * D_MS])
def test_a_step_is_a_walk_of_the_drift_and_a_sway_that_is_forgotten_in_six_hours(step_ms):
    """An integrated Wiener process, and twice the integral of an exponential autocovariance."""
    mean, spread = matrices(STATE)
    go, size = np.array([[1, step_ms], [0, 1]]), abs(step_ms)
    q = 0.003**2 / D_MS
    walk = q * np.array([[size**3 / 3, step_ms * size / 2], [step_ms * size / 2, size]])
    lags = np.linspace(0, size, 200_001)
    held = (size - lags) * np.exp(-lags / (6 * H_MS))
    walk[0, 0] += 2 * 0.003**2 * np.sum((held[1:] + held[:-1]) / 2) * (lags[1] - lags[0])
    wanted, after = go @ mean, go @ spread @ go.T + walk
    found = drift._predict(STATE, step_ms, KIND)
    assert found[0] == 1000 + step_ms
    assert found[1:3] == pytest.approx(tuple(wanted))
    assert found[3:] == pytest.approx((after[0, 0], after[0, 1], after[1, 1]), rel=1e-6)


def test_a_measured_phase_moves_phase_and_drift_by_their_part_of_the_doubt():
    mean, spread = matrices(STATE)
    total = spread[0, 0] + 25.0
    gain = spread[:, 0] / total
    wanted, after = mean + gain * (50.0 - mean[0]), spread - np.outer(gain, spread[0])
    seen, log_likely = drift._update(STATE, 50.0, 25.0)
    assert seen[0] == 1000
    assert seen[1:3] == pytest.approx(tuple(wanted))
    assert seen[3:] == pytest.approx((after[0, 0], after[0, 1], after[1, 1]))
    # The density of a normal distribution, 30 ms off at a variance of 425.
    density = math.exp(-900 / 850) / math.sqrt(2 * math.pi * 425)
    assert log_likely == pytest.approx(math.log(density))


def test_two_states_of_one_tick_are_weighed_by_what_each_knows():
    back = (1000.0, 50.0, 0.001, 900.0, -0.02, 0.0004)
    (a, p), (b, q) = matrices(STATE), matrices(back)
    both = np.linalg.inv(np.linalg.inv(p) + np.linalg.inv(q))
    wanted = both @ (np.linalg.inv(p) @ a + np.linalg.inv(q) @ b)
    phase, variance = drift._both(STATE, back)
    assert phase == pytest.approx(wanted[0]) and variance == pytest.approx(both[0, 0])


def test_what_samples_show_of_the_drift_narrows_it_by_a_sensors_own_doubt():
    assert drift._prior(KIND, None) == (0.0, pytest.approx(0.0001))
    mean, variance = drift._prior(KIND, 0.02)
    # Of a drift of SD 1 % and a sensor of SD 1.5 %: weights 1/0.0001 and 1/0.000225.
    assert mean == pytest.approx(0.02 * (1 / 0.000225) / (1 / 0.0001 + 1 / 0.000225))
    assert variance == pytest.approx(1 / (1 / 0.0001 + 1 / 0.000225))
    assert drift._log_slope(KIND, None) == 0.0
    density = math.exp(-0.5 * 0.02**2 / 0.000325) / math.sqrt(2 * math.pi * 0.000325)
    assert drift._log_slope(KIND, 0.02) == pytest.approx(math.log(density))


@pytest.mark.parametrize("off_ms", [0.0, 999.0, -119_999.0, 3_599_999.0, -86_399_999.0])
def test_one_setting_in_100_is_wrong_by_two_minutes_to_a_month_alike(off_ms):
    """Even by the logarithm of how wrong, on both sides, and fading below two minutes."""
    size = abs(off_ms) + 1
    even = 1 / (2 * math.log(30 * D_MS / 120_000)) * size / (size**2 + 120_000**2)
    assert drift._log_wrong(off_ms) == pytest.approx(math.log(0.01 * even))


def test_how_steady_a_tick_is_tells_its_oscillator():
    """Half an hour's sway and wander, two thirds of them in its mean, and what reading adds."""
    changes = [0.001, -0.002, 0.0005]
    sway = 2 * 0.003**2 * 0.5 / 6
    variance = 1e-5**2 + 2 / 3 * (sway + 0.003**2 * 0.5 / 24)
    squares = 0.001**2 + 0.002**2 + 0.0005**2
    wanted = -0.5 * (squares / variance + 3 * math.log(variance))
    assert drift._log_seen(KIND, changes) == pytest.approx(wanted)
    assert drift._log_seen(KIND, []) == 0.0


def test_the_oscillators_that_are_tried_are_one_whole_beforehand():
    assert sum(kind.prior for kind in OSCILLATORS) == pytest.approx(0.75)
    told = [(k.prior, k.drift, k.wander, k.sway) for k in (*OSCILLATORS, *STEADY)]
    usual, wide = 0.65, 0.35
    wanted = [
        (usual * 0.3, 0.01, 0.001, 0.0012),
        (wide * 0.3, 0.05, 0.001, 0.0012),
        (usual * 0.35, 0.01, 0.003, 0.003),
        (wide * 0.35, 0.05, 0.003, 0.003),
        (0.1, 0.05, 0.02, 0.006),
        (usual * 0.15, 0.01, 0.000002, 0.000002),
        (wide * 0.15, 0.05, 0.000002, 0.000002),
        (usual * 0.1, 0.01, 0.0001, 0.0001),
        (wide * 0.1, 0.05, 0.0001, 0.0001),
    ]
    assert sorted(told) == sorted(wanted)
    assert sum(row[0] for row in told) == pytest.approx(1.0)


def settings(phases, hosts=None, apart_ms=2 * H_MS):
    ticks = [float(apart_ms * i) for i in range(len(phases))]
    return drift._Settings(ticks, phases, [25.0] * len(phases), hosts or [None] * len(phases))


def test_a_host_that_was_wrong_is_as_wrong_again_in_one_of_two_and_forgets_it_in_half_a_day():
    held = settings([3_600_000.0, 3_600_040.0], [7, 7])
    alone = drift._log_wrong(3_600_040.0)
    total = 0.0001 * (2 * H_MS) ** 2 + 25 + 25
    off_ms = 40 - 0.00001 * 2 * H_MS
    density = math.exp(-0.5 * off_ms**2 / total) / math.sqrt(2 * math.pi * total)
    again = math.log(0.5) - 2 / 12 + math.log(density)
    said = (1, 3_600_040.0, (), (0.00001, 0.0001))
    assert held.log_wrong(*said) == pytest.approx(again) and again > alone
    # Another host, one whose clock nobody knows, the band's own, and one that was right before.
    for hosts in ([7, 8], [None, None], [0, 0]):
        assert settings(held.phases_ms, hosts).log_wrong(*said) == alone
    assert held.log_wrong(1, 3_600_040.0, (0,), (0.00001, 0.0001)) == alone
    # What lies between of another host is passed over; what is unlike the last is an accident.
    held = settings([3_600_000.0, 0.0, 3_600_040.0], [7, 8, 7], H_MS)
    assert held.log_wrong(2, 3_600_040.0, (1,), (0.00001, 0.0001)) == pytest.approx(again)
    unlike = settings([-86_400_000.0, 3_600_040.0], [7, 7])
    assert unlike.log_wrong(1, 3_600_040.0, (), (0.0, 1e-12)) == alone


def test_the_stories_of_two_settings_by_hand():
    """Both right, the first alone, the second alone; each weight by Bayes' rule."""
    ticks, phases, variance = [0.0, 9.0 * H_MS], [0.0, 50_000.0], (0.6 * 20) ** 2 + 2.0**2
    found = drift.stories(ticks, phases, [20, 20])
    weights = {}
    for kind in OSCILLATORS:
        state = (0.0, 0.0, 0.0, variance, 0.0, kind.drift**2)
        ahead = drift._predict(state, 9.0 * H_MS, kind)
        likely = math.exp(drift._update(ahead, 50_000.0, variance)[1])
        wrong = math.exp(drift._log_wrong(50_000.0))
        weights[kind, (0, 1)] = kind.prior * 0.99 * 0.99 * likely
        weights[kind, (0,)] = weights[kind, (1,)] = kind.prior * 0.99 * wrong
    total = sum(weights.values())
    kept = {key: weight for key, weight in weights.items() if weight > 1e-4 * total}
    whole = sum(kept.values())
    assert {(one.kind, one.believed): one.weight for one in found} == pytest.approx(
        {key: weight / whole for key, weight in kept.items()}
    )
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


def test_a_story_is_asked_before_between_and_behind_its_settings():
    ticks, phases = [0.0, 9.0 * H_MS], [0.0, 50_000.0]
    (story,) = [s for s in drift.stories(ticks, phases, [20, 20]) if s.believed == (0, 1)][:1]
    variance = (0.6 * 20) ** 2 + 2.0**2
    go = lambda t: np.array([[1, t], [0, 1]])  # noqa: E731

    def noise(step_ms):
        size, q = abs(step_ms), story.kind.wander**2 / D_MS
        lasts = size / (6 * H_MS)
        sway = 2 * (story.kind.sway * 6 * H_MS) ** 2 * (lasts + math.expm1(-lasts))
        return np.array(
            [[q * size**3 / 3 + sway, q * step_ms * size / 2], [q * step_ms * size / 2, q * size]]
        )

    behind = story.phase_at(12.0 * H_MS)
    last = story.ahead[-1]
    mean, spread = matrices(last)
    wanted = go(3.0 * H_MS) @ mean
    after = go(3.0 * H_MS) @ spread @ go(3.0 * H_MS).T + noise(3.0 * H_MS)
    assert behind == pytest.approx((wanted[0], after[0, 0]))
    # The state behind the last setting, by the update of the first one carried on.
    first = np.array([[variance, 0], [0, story.kind.drift**2]])
    carried = go(9.0 * H_MS) @ first @ go(9.0 * H_MS).T + noise(9.0 * H_MS)
    gain = carried[:, 0] / (carried[0, 0] + variance)
    assert last[1:3] == pytest.approx(tuple(gain * 50_000.0))
    # Looking back the drift is as good as unknown: SD 0.3.
    assert story.back[-1] == (9.0 * H_MS, 50_000.0, 0.0, variance, 0.0, pytest.approx(0.09))
    at, before = 4.0 * H_MS, -2.0 * H_MS
    ahead = drift._predict(story.ahead[0], at, story.kind)
    back = drift._predict(story.back[1], at - 9.0 * H_MS, story.kind)
    assert story.phase_at(at) == pytest.approx(drift._both(ahead, back))
    mean, spread = matrices(drift._predict(story.back[0], before, story.kind))
    total = spread[1, 1] + story.kind.drift**2
    assert story.phase_at(before) == pytest.approx(
        (mean[0] - spread[0, 1] / total * mean[1], spread[0, 0] - spread[0, 1] ** 2 / total)
    )


def test_of_many_settings_only_the_heaviest_stories_are_carried_on():
    """Twelve of each oscillator, and the one in which nothing was right yet."""
    phases = [0.0, 5e5, -7e5, 9e5, -1.1e6, 1.3e6]
    held = settings(phases)
    first = drift.Story(KIND, 0.0, prior=(0.0, 0.0001))
    kept = drift._read(first, held)
    assert len(kept) == 11 and all(story.ahead for story in kept)  # of 12 one is still waiting
    heaviest = sorted((story.log_weight for story in kept), reverse=True)
    grown = [drift.Story(KIND, 0.0, prior=(0.0, 0.0001))]
    for i in range(6):
        grown = [more for story in grown for more in drift._with_setting(story, i, held)]
    every = sorted((s.log_weight for s in grown if s.ahead), reverse=True)
    assert heaviest[:3] == pytest.approx(every[:3])


# --- the clock that is made of the stories ------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "pooled", "counts"),
    [(0.5, 0.02, 1.0), (0.5, 1.0, 1.0), (0.001, 0.002, 0.0), (0.001, 0.0005, 0.0)],
)
def test_a_story_counts_in_full_from_ten_tails_on_and_not_at_all_from_one(weight, pooled, counts):
    assert _counts(weight, pooled)[0] == pytest.approx(counts)
    assert _counts(0.5, 0.002 * math.sqrt(10))[0] == pytest.approx(0.5)


def test_how_many_sds_of_a_story_hold_all_but_its_part_of_the_tail():
    # One of 1: 0.1 % on either side lies beyond 3.0902 SD; one of a tail or less has none.
    assert _counts(1.0, 1.0)[1] == pytest.approx(3.0902, abs=1e-4)
    assert _counts(0.02, 1.0)[1] == pytest.approx(1.6449, abs=1e-4)
    assert _counts(0.002, 1.0)[1] == 0.0 and _counts(0.001, 1.0)[1] == 0.0


def test_between_two_settings_the_map_has_eight_pieces():
    assert _pieces([0.0, 80.0]) == [0.0, 10, 20, 30, 40, 50, 60, 70, 80]
    assert _pieces([5.0]) == [5.0]
    assert len(_pieces([0.0, 8.0, 16.0])) == 17


def test_a_clock_goes_on_straight_from_a_minute_beyond_its_settings():
    from notturno.nights.anchors import Anchor

    t0 = 1_768_253_400_000
    clock = BootClock([Anchor(0, t0, 20), Anchor(9 * H_MS, t0 + 9 * H_MS + 60_000, 20)])
    assert clock._corners[0] == -60_000 and clock._corners[-1] == 9 * H_MS + 60_000
    assert len(clock._corners) == 11
    edge = clock._utc_ms(9 * H_MS + 60_000) - clock._utc_ms(9 * H_MS)
    assert clock._utc_ms(10 * H_MS) - clock._utc_ms(9 * H_MS) == pytest.approx(60 * edge)
    first = clock._utc_ms(0) - clock._utc_ms(-60_000)
    assert clock._utc_ms(0) - clock._utc_ms(-H_MS) == pytest.approx(60 * first)
    assert clock.utc_ms(0) == t0 and clock.utc_ms(9 * H_MS) == t0 + 9 * H_MS + 60_000
    assert clock.worst_error_ms(0, 9 * H_MS) == max(
        clock.error_ms(9 * H_MS * i / 8) for i in range(9)
    )
