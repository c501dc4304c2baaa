"""Events locked to stimuli: silent under the null, loud where planted, refused when too few."""

import numpy as np
import pytest
from notturno import refusals
from notturno.refusals import is_refusal
from notturno.scoring.onenight import stimuli
from whole import whole_or

HOUR = 3_600_000_000
RECORDED = [(0, HOUR), (HOUR + 600_000_000, 2 * HOUR)]


def random_times(rng, n):
    return sorted(rng.integers(0, 2 * HOUR, n).tolist())


def test_p_is_uniform_where_events_and_stimuli_know_nothing_of_each_other():
    from scipy.stats import kstest

    rng = np.random.default_rng(1)
    p_values, answered = [], []
    for i in range(whole_or(150, 75)):
        found = stimuli.locked(
            random_times(rng, 4000), random_times(rng, 200), RECORDED, draws=199, seed=i
        )
        p_values.append(found["p"])
        answered.append(found["answered"] - found["answered_by_chance"])
    assert kstest(p_values, "uniform").pvalue > 0.001
    assert abs(np.mean(answered)) < 2


def thinning(rng, n, tau_us=1.5 * HOUR, length=8 * HOUR):
    """Return about n times that thin out through a night of 8 h, falling to 1/e in 1.5 h."""
    times = rng.exponential(tau_us, n).astype(int)
    return times[times < length].tolist()


def test_what_thins_out_with_the_stimuli_is_no_answer_to_them():
    rng = np.random.default_rng(4)
    night = [(0, 8 * HOUR)]
    p_values = [
        stimuli.locked(thinning(rng, 1200), thinning(rng, 150), night, draws=199, seed=i)["p"]
        for i in range(whole_or(300, 120))
    ]
    assert sum(p <= 0.05 for p in p_values) / len(p_values) <= 0.08


def test_a_planted_response_is_found_where_both_thin_out():
    rng = np.random.default_rng(5)
    found = 0
    for i in range(20):
        given = thinning(rng, 80)
        answers = [at + int(rng.integers(80_000, 200_000)) for at in given[::4]]
        every = thinning(rng, 600) + answers
        found += stimuli.locked(every, given, [(0, 8 * HOUR)], draws=199, seed=i)["p"] <= 0.05
    assert found >= 19


def test_a_planted_response_is_found_with_its_delay():
    rng = np.random.default_rng(2)
    given = np.array(random_times(rng, 60))
    planted = given[::3] + 120_000
    found = stimuli.locked([*random_times(rng, 300), *planted.tolist()], given, RECORDED)
    assert found["p"] <= 0.001
    assert found["delay_ms"] == pytest.approx(120, abs=30)
    assert found["answered"] >= len(planted) * 0.9
    top = max(found["histogram"], key=lambda bar: bar["count"])
    assert top["from_ms"] == 100


@pytest.mark.parametrize(("delay_us", "answers"), [(-1, 0), (0, 10), (499_999, 10), (500_000, 0)])
def test_the_window_holds_its_start_and_not_its_end(delay_us, answers):
    given = [60_000_000 * i + 5_000_000 for i in range(10)]
    found = stimuli.locked([at + delay_us for at in given], given, [(0, HOUR)], draws=19)
    assert found["answered"] == answers


def test_stimuli_outside_the_recording_are_left_out_and_counted():
    given = [60_000_000 * i + 5_000_000 for i in range(20)] + [HOUR + 100, HOUR + 200]
    found = stimuli.locked(list(range(0, HOUR, 100_000_000)), given, RECORDED, draws=19)
    assert (found["stimuli"], found["stimuli_left_out"]) == (20, 2)


@pytest.mark.parametrize(
    ("n_stimuli", "n_events", "refused"), [(9, 50, True), (10, 4, True), (10, 5, False)]
)
def test_too_few_stimuli_or_events_are_refused(n_stimuli, n_events, refused):
    given = [60_000_000 * i for i in range(n_stimuli)]
    events = [70_000_000 * i for i in range(n_events)]
    found = stimuli.locked(events, given, [(0, HOUR)], draws=19)
    assert is_refusal(found) is refused
    if refused:
        assert found.code == refusals.TOO_FEW_MOVEMENTS


def test_the_order_of_the_lists_changes_nothing():
    rng = np.random.default_rng(3)
    events, given = random_times(rng, 100), random_times(rng, 30)
    one = stimuli.locked(events, given, RECORDED, draws=99)
    assert one == stimuli.locked(events[::-1], given[::-1], RECORDED, draws=99)


def test_nothing_recorded_is_refused():
    assert is_refusal(stimuli.locked([1, 2, 3], [1, 2, 3], []))
