"""Recordings made to show one failure each; all take their length in hours and return a Night.

Touches numpy, bed and nights. Counts an hour stay the same in short ones where they can.
"""

from dataclasses import replace

import nights
import numpy as np
from bed import Bed
from limbs import Movement

HOURS = 2.0  # the length they were thought for


def still(hours, seed, **changed):
    """A bed where nothing happens unless it is said; set A, with some ranges changed or fixed."""
    ranges = {
        name: value if isinstance(value, tuple) else (value, value)
        for name, value in changed.items()
    }
    return Bed(nights.A, hours * 3600, [4711, seed], **ranges)


def every(room, step_s, start_s=20.0, stop_s=None, jitter=0.1):
    """Return moments step_s apart, give or take a share of the step."""
    steady = np.arange(start_s, (stop_s or room.seconds) - 12, step_s)
    return steady + room.rng.uniform(-jitter, jitter, len(steady)) * step_s


def jerks(room, moments, low_mg, high_mg, hz=None, active_s=(0.03, 0.12)):
    """Jerks of log-uniform peaks; hz (low, high) of the limb, or the set's own."""
    for at in moments:
        peak = float(np.exp(room.rng.uniform(np.log(low_mg), np.log(high_mg))))
        limb = float(room.rng.uniform(*hz)) if hz else None
        room.move(Movement("jerk", at, float(room.rng.uniform(*active_s)), peak, limb))


def periodic_lm(hours, length_s, step_s, turn_first=False, pulse_mg=(0.5, 1.5)):
    """LM of one length at one interval, perhaps behind a turn of 45 s."""
    room = still(hours, 1, pulse_mg=pulse_mg)
    start = 30.0
    if turn_first:
        for part in range(9):  # a turn in pieces: heaving, then heaving on
            room.turn(30.0 + 5 * part, 4.5, 35 if part else 80, 400)
        start = 95.0
    for at in every(room, step_s, start, jitter=0.04):
        room.move(Movement("lm", at, length_s, float(room.rng.uniform(60, 250))))
    return room.night()


def runs(hours, hz, length_s, peak_mg=(60, 200)):
    """Even runs with a minute or two between them."""
    room = still(hours, 2)
    for number, at in enumerate(every(room, length_s + 75, 30, room.seconds - length_s, 0.02)):
        beat = hz[number % len(hz)]
        limb = max(beat * 1.3, 4.0)
        peak = float(room.rng.uniform(*peak_mg))
        room.move(Movement("rhythm", at, length_s, peak, limb, beat))
    return room.night()


def switched_tone(hours, on_s, hz=10.0, peak_mg=6.0):
    """A pump that is switched on and stays; 119 jerks an hour."""
    room = still(hours, 3)
    room.tone(on_s, room.seconds - on_s, hz, peak_mg)
    jerks(room, every(room, 30.2), 30, 800)
    return room.night()


def switched_noise(hours, on_s=600.0, rms_mg=3.0):
    """White noise from a moment on; 37 jerks of 60 mg and more an hour, all behind it."""
    room = still(hours, 4)
    room.hiss(on_s, rms_mg)
    jerks(room, every(room, 90 * hours / HOURS, on_s + 30), 60, 900)
    return room.night()


def slow_limbs(hours, hz, low_mg, high_mg, active_s):
    """Jerks of limbs that swing slowly."""
    slack = replace(nights.A.body, twitch_s=(0.04, 0.06), decay_per_s=(8, 14))
    room = Bed(replace(nights.A, body=slack), hours * 3600, [4711, 5])
    jerks(room, every(room, 30.2), low_mg, high_mg, hz, active_s)
    return room.night()


def small(hours):
    """Jerks of 4 to 60 mg, 120 an hour, of a sensor as good as can be had."""
    room = still(hours, 14, noise_mg=0.7, pulse_mg=0.5, breath_mg=1.0)
    jerks(room, every(room, 30), 4, 60)
    return room.night()


def kicks(hours, hz=3.0, length_s=0.4, peak_mg=500.0):
    """119 smooth kicks an hour, all alike."""
    room = still(hours, 13)
    for at in every(room, 30.2):
        room.kick(at, hz, length_s, peak_mg)
    return room.night()


def pulse(hours, peak_mg):
    """Nothing but a heart."""
    return still(hours, 6, pulse_mg=peak_mg).night()


def slow_sensor(hours, odr_hz=25.0):
    """A night of jerks of loose limbs and some LM, sampled at 25 Hz."""
    foreign = replace(nights.B, odr_hz=odr_hz, mg_per_lsb=0.244)
    room = Bed(foreign, hours * 3600, [4711, 7])
    plan = nights.Plan(room)
    plan.turns(4), plan.jerks(90, low_mg=8), plan.lms(20)
    return room.night()


def phones(hours):
    """120 buzzes an hour."""
    room = still(hours, 8)
    for at in every(room, 30):
        room.phone(at, 40.0, 20.0, 0.5)
    return room.night()


def snores(hours):
    """A snore with every breath, all night."""
    room = still(hours, 9)
    room.snore(60, room.seconds - 120, 6.0, 10.0)
    return room.night()


def pump_runs(hours, hz=7.5, peak_mg=6.0):
    """A pump that runs for a minute, now and then."""
    room = still(hours, 10)
    for at in every(room, 400 * hours / HOURS, 60, room.seconds - 60):
        room.tone(at, 60, hz, peak_mg)
    return room.night()


def noisy(hours, rms_mg=4.0):
    """A sensor of 4 mg: jerks from 20 mg on, some LM."""
    room = still(hours, 11, noise_mg=rms_mg)
    plan = nights.Plan(room)
    plan.turns(2), plan.lms(10, low_mg=40), plan.jerks(80, low_mg=20)
    return room.night()


def laid_down(hours, rms_mg):
    """Worn for the first half, then put on a table; truth says not_worn."""
    room = still(hours, 12, noise_mg=rms_mg, pulse_mg=1.2, breath_mg=2.0)
    off = 0.5 * room.seconds
    for at in every(room, 500, 100, off - 20):
        room.move(Movement("lm", at, 2.5, 100.0))
    room.turn(off - 6, 5, 70, 900)
    room.worn_until_s = off
    room.tell("not_worn", off, room.seconds - off, 0)
    return room.night()
