"""Measured failures of a sleeper's detector, each made again: a recording, its truth and a goal.

Touches made, nights, judges and score. A Case makes a Night (short ones for tests) and judges a
detector's events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import judges
import made
import nights
from score import found_by


@dataclass(frozen=True)
class Case:
    """A numbered case; make(hours) gives its Night, judge(night, events) its Figures."""

    name: str
    make: Callable
    judge: Callable


PULSES_MG = (3, 5, 8, 15)
SENSORS_MG = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0)


def night_of(profile, foreign):
    """Return a maker of one of the eleven nights."""
    return lambda hours: nights.night(profile, 11, hours, foreign)


def _lm(length_s, step_s, **more):
    return partial(made.periodic_lm, length_s=length_s, step_s=step_s, **more)


def _runs(length_s, *hz):
    return partial(made.runs, hz=hz, length_s=length_s)


SLOW = dict(hz=(2.5, 3.5), low_mg=20, high_mg=1400, active_s=(0.1, 0.25))
CASES = [
    Case("1 turn, then LM at 20 s", _lm(2.5, 20, turn_first=True), judges.lm),
    Case("1 LM 4.5 s at 15 s", _lm(4.5, 15), judges.lm),
    Case("1 LM 4.5 s at 12 s", _lm(4.5, 12), judges.lm),
    Case("1 LM 4.5 s at 10 s", _lm(4.5, 10), judges.lm),
    Case("1 LM 2.5 s at 8 s", _lm(2.5, 8), judges.lm),
    Case("1 night of dense PLM", night_of("plm_dense", "A"), partial(judges.lm, found=0.92)),
    Case("1 rhythm 60 s, 1-1.5 Hz", _runs(60, 1.0, 1.25, 1.5), judges.runs),
    Case("1 rhythm 120 s, 3-7 Hz", _runs(120, 3, 4, 5.5, 7), judges.runs),
    Case("2 pump from 600 s", partial(made.switched_tone, on_s=600), judges.switched),
    Case("2 pump from the start", partial(made.switched_tone, on_s=0), judges.switched),
    Case("2 noise from 600 s", made.switched_noise, judges.switched),
    Case("3 small jerks", made.small, judges.small),
    Case("3 kicks 500 mg, 3 Hz, 0.4 s", made.kicks, judges.kicks),
    Case("3 limbs of 2.5-3.5 Hz", partial(made.slow_limbs, **SLOW), judges.slow_limbs),
    *(Case(f"4 pulse {mg} mg", partial(made.pulse, peak_mg=mg), judges.pulse) for mg in PULSES_MG),
    Case("4 PLM, pulse 8 mg", _lm(2.5, 24, pulse_mg=8), partial(judges.lm, f1=0.92)),
    Case("5 25 Hz", made.slow_sensor, judges.at_25_hz),
    Case("6 phone", made.phones, judges.outside),
    Case("6 snore", made.snores, judges.outside),
    Case("6 partner A", night_of("partner", "A"), judges.partner),
    Case("6 partner B", night_of("partner", "B"), judges.partner),
    Case("6 pump 7.5 Hz, a minute each", made.pump_runs, judges.outside),
    Case("7 sensor of 4 mg", made.noisy, judges.noisy),
    *(
        Case(f"7 table, noise {mg} mg", partial(made.laid_down, rms_mg=mg), judges.worn)
        for mg in SENSORS_MG
    ),
    Case("8 rhythms of 1.5-2 Hz", _runs(25, 1.5, 1.75, 2.0), judges.runs),
    Case("8 rhythms of 7 Hz", _runs(30, 6.5, 7.0), judges.runs),
]


def print_all(engine="native", only="", hours=made.HOURS):
    """Print a line a case: what was reached, and the goal."""
    for case in CASES:
        if only in case.name:
            night = case.make(hours)
            figures = case.judge(night, found_by(night, engine))
            mark = "ok  " if all(f.kept for f in figures) else "FAIL"
            print(f"{mark} {case.name:28s} " + ", ".join(map(str, figures)))
