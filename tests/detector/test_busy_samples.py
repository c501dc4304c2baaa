"""Only busy sums meet the burst path: what is open must end within them, and begin within them.

The signals were searched for: each broke a detector that looked at sums and not at samples.
"""

import numpy as np
import pytest
from executors import Run, chunks_of, executor
from hand_made import ODR_HZ, add_jerk, counts, still
from notturno_core import segments
from streams import words_of

LATE_SAMPLES = 40  # from a burst's rise until it is open: a slow envelope and a heart's floor


def ringing(seconds):
    """Jerks of many sizes, one upon the other, under which the floor moves."""
    rng = np.random.default_rng(2)
    a = still(seconds, seed=2)
    for i in range(int((seconds - 12) / 0.53)):
        onset_s, peak_mg = 10 + i * 0.53 + rng.random() * 0.3, float(np.exp(rng.normal(2.7, 1)))
        decay_s, ring_hz = float(rng.choice([0.03, 0.1, 0.3])), float(rng.choice([3, 7, 12]))
        add_jerk(a, onset_s, peak_mg, seed=i, decay_s=decay_s, ring_hz=ring_hz)
    return a


def swaying(seconds, seed):
    """A sway that comes and goes near the floor that it makes."""
    rng = np.random.default_rng(seed)
    a = still(300, seed=seed)
    t = np.arange(len(a)) / ODR_HZ
    a[:, 0] += 12 * np.sin(2 * np.pi * (5 * t + 3 * np.sin(t))) * (1 + 0.5 * np.sin(t * 1.3))
    return (a + rng.normal(0, 2, a.shape))[: int(seconds * ODR_HZ)]


def states(a):
    """Yield the state after each 16 samples."""
    run = Run(executor("native"))
    for part, n in chunks_of(words_of(counts(a)), [16]):
        run.feed(part, n)
        yield run.state


def test_no_burst_is_open_while_nothing_is_busy():
    """It would last until the next busy sample, minutes later, and swallow what is there."""
    opened = 0
    for state in states(ringing(120)):
        opened += state[segments._OPEN]
        assert state[segments._HOT] or not state[segments._OPEN], state[segments.S_SAMPLE]
    assert opened > 100


@pytest.mark.parametrize(("seconds", "seed"), [(20, 3), (180, 4)])
def test_a_burst_begins_where_its_own_samples_rise(seconds, seed):
    """An envelope left by another, long ago, opened one that began there."""
    was, bursts = 0, 0
    for state in states(swaying(seconds, seed)):
        is_open = state[segments._OPEN]
        if is_open and not was:
            bursts += 1
            late = state[segments._J + segments.OUT_RISE] - state[segments._J + segments.OUT_ONSET]
            assert late <= LATE_SAMPLES, state[segments.S_SAMPLE]
        was = is_open
    assert bursts
