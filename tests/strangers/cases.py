"""Measured failures of a sleeper's detector, each made again: a recording, its truth and a goal.

Touches made, nights and score. A Case makes a Night (short ones for tests) and judges a
detector's events by Figures: a value beside the bound it is to keep.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import made
import nights
from notturno.detect import named
from score import Tally, ends, found_by, overlap_s, pairs


@dataclass(frozen=True)
class Figure:
    """One measured value and its goal: at least or at most the bound."""

    what: str
    value: float
    bound: float
    least: bool = True

    @property
    def kept(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self):
        sign = ">=" if self.least else "<="
        return f"{self.what} {self.value:.3g} ({sign} {self.bound:g})"


@dataclass(frozen=True)
class Case:
    """A numbered case; make(hours) gives its Night, judge(night, events) its Figures."""

    name: str
    make: Callable
    judge: Callable


# --- judges ----------------------------------------------------------------------------------
def _truth(night, kind, low_mg=0.0, high_mg=1e9, after_s=0.0):
    return [
        t
        for t in night.truth
        if t["kind"] == kind and t["onset_s"] >= after_s and low_mg <= t["peak_mg"] < high_mg
    ]


def share_found(night, events, kind, low_mg=0.0, high_mg=1e9):
    """Share of the truth of a kind and size that a counting row of that kind meets."""
    truth = _truth(night, kind, low_mg, high_mg)
    return len(pairs(truth, named.of_kind(events, kind), kind)) / len(truth)


def per_hour(night, events, kind):
    """Counting rows of a kind an hour, true or not."""
    return len(named.of_kind(events, kind)) / night.hours


def awake_share(night, events):
    """Share of the night inside awake rows."""
    return sum(e["duration_s"] for e in events if e["kind"] == "awake") / 3600 / night.hours


def judge_lm(night, events, f1=None, found=0.98):
    """LM are found one for one, and awake does not take them."""
    tally = Tally()
    tally.add(night, events)
    if f1:
        return [Figure("lm f1", tally.f1("lm"), f1)]
    turning_s = sum(t["duration_s"] for t in _truth(night, "posture"))
    return [
        Figure("lm found", tally.found("lm"), found),
        Figure("lm ppv", tally.ppv("lm"), found),
        Figure(
            "awake s beyond turn",
            awake_share(night, events) * night.hours * 3600 - turning_s,
            60,
            False,
        ),
    ]


def judge_runs(night, events):
    """Each run is one row of its own rate, all of it, and no awake."""
    rows, truth = named.of_kind(events, "rhythm"), _truth(night, "rhythm")
    met = [[e for e in rows if overlap_s(e, t)] for t in truth]
    covered = [
        sum(overlap_s(e, t) for e in some) / t["duration_s"]
        for some, t in zip(met, truth, strict=True)
    ]
    right = [
        len(some) == 1 and abs(some[0]["rhythm_hz"] / t["rhythm_hz"] - 1) < 0.1
        for some, t in zip(met, truth, strict=True)
    ]
    return [
        Figure("least coverage", min(covered), 0.8),
        Figure("one row, right Hz", sum(right) / len(right), 1.0),
        Figure("single jerks/h", per_hour(night, events, "jerk"), 2, False),
        Figure("awake share", awake_share(night, events), 0.02, False),
    ]


def judge_jerks(night, events, *bounds, false=None):
    """bounds: (low mg, high mg, share to be found); false: at most so many an hour."""
    figures = [
        Figure(
            f"jerks {low:g}+ found" if high > 1e6 else f"jerks {low:g}-{high:g} found",
            share_found(night, events, "jerk", low, high),
            bound,
        )
        for low, high, bound in bounds
    ]
    if false is not None:
        tally = Tally()
        tally.add(night, events)
        figures.append(Figure("false/h", tally.false_per_hour(), false, False))
    return figures


def judge_silence(night, events, **most):
    """At most so many counting rows an hour of each kind; nothing of the sleeper's is there."""
    return [Figure(f"{k}/h", per_hour(night, events, k), most[k], False) for k in most]


def judge_noisy(night, events):
    """Jerks of a noisy sensor, and no LM out of noise."""
    tally = Tally()
    tally.add(night, events)
    wrong = (tally.counted["lm"] - tally.hits["lm"]) / night.hours
    return [
        *judge_jerks(night, events, (20, 60, 0.9), (60, 1e9, 0.98), false=1.5),
        Figure("false lm/h", wrong, 0.5, False),
    ]


def judge_worn(night, events):
    """Minutes whose larger part is rightly called worn or not; the one of the change is out."""
    off = _truth(night, "not_worn")[0]["onset_s"]
    empty = [e for e in events if e["kind"] == "not_worn"]
    right = judged = 0
    for minute in range(1, int(night.hours * 60) - 1):
        span = dict(onset_s=60.0 * minute, duration_s=60.0)
        if span["onset_s"] - 60 < off < ends(span):
            continue
        called = sum(overlap_s(e, span) for e in empty) > 30
        right += called == (span["onset_s"] >= off)
        judged += 1
    return [Figure("minutes right", right / judged, 0.99)]


LARGE = (200, 1e9, 0.99)
PULSES_MG = (3, 5, 8, 15)
SENSORS_MG = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0)


def judge_switched(night, events):
    """A floor that follows finds what stands out of it, and nothing else."""
    return judge_jerks(night, events, (60, 1e9, 0.9), false=1.5)


def judge_kicks(night, events):
    """Slow ones are jerks all the same."""
    return judge_jerks(night, events, LARGE, false=1.5)


def judge_slow_limbs(night, events):
    """Found as well as those of quick limbs."""
    return judge_jerks(night, events, (20, 60, 0.96), (60, 200, 0.96), LARGE)


def judge_pulse(night, events):
    """A heart moves no limb."""
    awake = Figure("awake share", awake_share(night, events), 0.02, False)
    return [*judge_silence(night, events, jerk=10, lm=10, rhythm=2), awake]


def judge_25_hz(night, events):
    """A quarter of the usual samples shows the larger ones."""
    return judge_jerks(night, events, (0, 1e9, 0.85), LARGE, false=3)


def judge_partner(night, events):
    """The other's movements are few among the sleeper's, and the sleeper's large ones are all."""
    return judge_jerks(night, events, (60, 1e9, 0.96), false=6)


def judge_outside(night, events):
    """What shakes the bed is not the sleeper."""
    return judge_silence(night, events, jerk=2, lm=2, rhythm=0)


def night_of(profile, foreign):
    """Return a maker of one of the eleven nights."""
    return lambda hours: nights.night(profile, 11, hours, foreign)


def _lm(length_s, step_s, **more):
    return partial(made.periodic_lm, length_s=length_s, step_s=step_s, **more)


def _runs(length_s, *hz):
    return partial(made.runs, hz=hz, length_s=length_s)


SLOW = dict(hz=(2.5, 3.5), low_mg=20, high_mg=1400, active_s=(0.1, 0.25))
CASES = [
    Case("1 turn, then LM at 20 s", _lm(2.5, 20, turn_first=True), judge_lm),
    Case("1 LM 4.5 s at 15 s", _lm(4.5, 15), judge_lm),
    Case("1 LM 4.5 s at 12 s", _lm(4.5, 12), judge_lm),
    Case("1 LM 4.5 s at 10 s", _lm(4.5, 10), judge_lm),
    Case("1 LM 2.5 s at 8 s", _lm(2.5, 8), judge_lm),
    Case("1 night of dense PLM", night_of("plm_dense", "A"), partial(judge_lm, found=0.92)),
    Case("1 rhythm 60 s, 1-1.5 Hz", _runs(60, 1.0, 1.25, 1.5), judge_runs),
    Case("1 rhythm 120 s, 3-7 Hz", _runs(120, 3, 4, 5.5, 7), judge_runs),
    Case("2 pump from 600 s", partial(made.switched_tone, on_s=600), judge_switched),
    Case("2 pump from the start", partial(made.switched_tone, on_s=0), judge_switched),
    Case("2 noise from 600 s", made.switched_noise, judge_switched),
    Case("3 kicks 500 mg, 3 Hz, 0.4 s", made.kicks, judge_kicks),
    Case("3 limbs of 2.5-3.5 Hz", partial(made.slow_limbs, **SLOW), judge_slow_limbs),
    *(Case(f"4 pulse {mg} mg", partial(made.pulse, peak_mg=mg), judge_pulse) for mg in PULSES_MG),
    Case("4 PLM, pulse 8 mg", _lm(2.5, 24, pulse_mg=8), partial(judge_lm, f1=0.92)),
    Case("5 25 Hz", made.slow_sensor, judge_25_hz),
    Case("6 phone", made.phones, judge_outside),
    Case("6 snore", made.snores, judge_outside),
    Case("6 partner A", night_of("partner", "A"), judge_partner),
    Case("6 partner B", night_of("partner", "B"), judge_partner),
    Case("6 pump 7.5 Hz, a minute each", made.pump_runs, judge_outside),
    Case("7 sensor of 4 mg", made.noisy, judge_noisy),
    *(
        Case(f"7 table, noise {mg} mg", partial(made.laid_down, rms_mg=mg), judge_worn)
        for mg in SENSORS_MG
    ),
    Case("8 rhythms of 1.5-2 Hz", _runs(25, 1.5, 1.75, 2.0), judge_runs),
    Case("8 rhythms of 7 Hz", _runs(30, 6.5, 7.0), judge_runs),
]


def print_all(engine="numba", only="", hours=made.HOURS):
    """Print a line a case: what was reached, and the goal."""
    for case in CASES:
        if only in case.name:
            night = case.make(hours)
            figures = case.judge(night, found_by(night, engine))
            mark = "ok  " if all(f.kept for f in figures) else "FAIL"
            print(f"{mark} {case.name:28s} " + ", ".join(map(str, figures)))
