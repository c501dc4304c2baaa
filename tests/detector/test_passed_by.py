"""What is passed by in silence changes no row: beside a stream that looks at all, each time."""

import random

import pytest
from hand_rows import ODR_MHZ
from notturno_core import namer, segments, wire


class LooksAtAll(namer.Namer):
    """Relates every row to every other that is kept: slow, and plainly right."""

    def __init__(self, odr_mhz):
        super().__init__(odr_mhz)
        self._reach = 1 << 28
        self._ends = 1 << 29  # nothing begins behind it, so nothing is passed by


def told_by(stream, facts, seed):
    rng, told = random.Random(seed), []
    for found in facts:
        told += stream.feed(dict(found))
        if rng.random() < 0.02:
            told += stream.gap()
    return told + stream.finish(facts[-1]["closed_sample"] + 1)


def crowded(seed, n=700):
    """Return facts of movements and of bursts in and beside them, dense and thin by turns."""
    rng, at, moves_until, facts = random.Random(seed), 0, 0, []
    dense_for = 0
    for _ in range(n):
        dense_for -= 1
        if dense_for < 0:
            dense_for, apart = rng.randrange(20, 120), rng.choice((15, 60, 130, 250, 900))
        at += rng.randrange(1, 2 * apart)
        move = at > moves_until and rng.random() < 0.4
        lasts = rng.choice((60, 150, 700, 4000) if move else (8, 20, 60, 110))
        if move:
            moves_until = at + lasts
            opens = {"row": segments.ROW_OPEN, "onset_sample": at, "closed_sample": at + 8}
            facts.append(opens)
        found = {
            "row": segments.ROW_MOVE if move else segments.ROW_BURST,
            "onset_sample": at,
            "end_sample": at + lasts - 1,
            "closed_sample": at + lasts + 20,
            "duration_samples": lasts,
            "cut": 0,
            "clipped": 0,
            "peak_mg": rng.choice((5, 12, 18, 30, 90)),
            "peak_jerk_mg_per_s": 4000,
            "energy_mg2_s": 40,
            "effective_ms": rng.choice((30, 130, 240)),
            "direction_q7": rng.choice(((0, 0, 127), (127, 0, 0))),
            "posture_before_q7": (0, 0, 127),
            "posture_after_q7": rng.choice(((0, 0, 127), (0, 127, 0))),
            "floor_q4_mg": 32,
        }
        if move:
            found |= {"slow_peak_mg": found["peak_mg"], "morph_ms": 300}
            found["later_pct"] = rng.choice((0, 4, 5, 7, 8, 60))
        else:
            found |= {"quick_peak_mg": found["peak_mg"], "cycles": 3, "centre_dhz": 80}
        facts.append(found)
    facts.sort(key=lambda found: found["closed_sample"])
    return facts


@pytest.mark.parametrize("seed", range(6))
def test_no_row_is_called_otherwise_for_what_was_passed_by(seed):
    facts = crowded(seed)
    quick, plain = namer.Namer(ODR_MHZ), LooksAtAll(ODR_MHZ)
    told = told_by(quick, facts, seed)
    assert told == told_by(plain, facts, seed)
    finals = [values for what, values, _ in told if what == namer.FINAL]
    by_others = wire.FLAG_IN_LM | wire.FLAG_VIBRATION | wire.FLAG_POSTURE_CHANGED
    assert sum(1 for values in finals if values["flags"] & by_others) > 60
