"""Nights of the third stranger, C: six kinds, told apart by how their forces look.

Touches numpy, levers and score. Run as a program it prints what the detector does with whole ones:
    python tests/strangers/lever_nights.py
"""

from collections import defaultdict

import bed
import levers
import numpy as np
import score

SEEDS, HOURS = (11, 12, 13), 2.0  # of the program: nothing was chosen on these


def peak(rng, middle_mg, spread, low_mg, high_mg):
    """A log-normal peak, cut at its bounds."""
    return float(np.clip(np.exp(rng.normal(np.log(middle_mg), spread)), low_mg, high_mg))


def moments(room, per_hour):
    """Moments at random, a Poisson number of them."""
    return room.rng.uniform(20, room.seconds, room.rng.poisson(per_hour * room.seconds / 3600))


def jerks(room, per_hour, low_mg=8, middle_mg=80):
    """Single contractions of 30 to 240 ms; every fourth is of several parts."""
    rng = room.rng
    for at in moments(room, per_hour):
        if not room.free(at, 0.6, 2):
            continue
        seconds = rng.uniform(0.03, 0.24)
        force = levers.contraction(rng, seconds)
        if rng.random() < 0.25:
            force, seconds = levers.silent(1), 0.055 * rng.integers(2, 5)
            for part in np.arange(0, seconds - 0.01, 0.055):
                short = levers.contraction(rng, rng.uniform(0.02, 0.045))
                levers.add(force, rng.uniform(0.5, 1) * short, part)
        room.move("jerk", at, seconds, force, peak(rng, middle_mg, 1, low_mg, 1500))


def turns(room, per_hour):
    """Changes of posture, in order of time, before all that feels gravity."""
    for at in np.sort(moments(room, per_hour)):
        length_s = float(room.rng.uniform(2.5, 12))
        if room.free(at, length_s, 8):
            degrees = room.rng.uniform(32, 150)
            room.turn(at, length_s, degrees, peak(room.rng, 200, 0.5, 60, 900))


def held(rng, seconds, shape):
    """Force of a longer contraction: a hold that trembles, behind a jerk or not, or bursts."""
    steps = int(seconds * levers.HZ)
    t = np.arange(steps) / levers.HZ
    force = levers.silent(seconds + 0.9)
    if shape == "bursts":
        at = 0.0
        while at < seconds - 0.1:
            width = min(rng.uniform(0.08, 0.28), seconds - at)
            burst = levers.contraction(rng, width, "twitch")
            levers.add(force, rng.uniform(0.35, 1) * burst, at)
            at += rng.uniform(0.18, 0.42)
        return force
    rises, falls = rng.uniform(0.1, 0.35) * seconds, rng.uniform(0.15, 0.5) * seconds
    hold = levers.least_jerk(t / rises) * (1 - levers.least_jerk((t - seconds + falls) / falls))
    low_hz = rng.uniform(3, 6)
    rough = levers.trembling(rng, steps, low_hz, low_hz + 5)
    force[:steps] = hold * (1 + rng.uniform(0.03, 0.12) * rough)
    if shape == "jerk first":
        short = levers.contraction(rng, rng.uniform(0.06, 0.2))
        levers.add(force, rng.uniform(0.2, 0.8) * short, 0)
    return force


def series(room, middle_s):
    """Periodic movements at log-normal intervals, all of one shape."""
    rng, at = room.rng, 100.0
    while at < room.seconds:
        shape = rng.choice(["hold", "jerk first", "bursts"])
        middle_mg = peak(rng, 150, 0.4, 40, 400)
        for _ in range(rng.integers(8, 40)):
            seconds = float(np.clip(np.exp(rng.normal(np.log(2), 0.35)), 0.9, 9))
            if room.free(at, seconds, 1.5):
                force, mg = held(rng, seconds, shape), peak(rng, middle_mg, 0.4, 30, 900)
                room.move("lm", at, seconds, force, mg)
            at += max(np.exp(rng.normal(np.log(middle_s), 0.3)), seconds + 3.5)
        at += rng.uniform(100, 400)


def forces(room):
    turns(room, 2), jerks(room, 70)


def small(room):
    turns(room, 2), jerks(room, 110, 6, 17)


def periodic(room):
    turns(room, 1.5), series(room, room.rng.uniform(12, 28)), jerks(room, 6)


def lapses(room):
    """Somebody holds a limb up, which trembles, and lets it fall for 60 to 300 ms at times."""
    rng = room.rng
    turns(room, 2)
    for at in moments(room, 9):
        seconds = rng.uniform(40, 110)
        if not room.free(at, seconds, 8):
            continue
        low_hz, steps = rng.uniform(5, 8), int(seconds * levers.HZ)
        swell = np.clip(np.minimum(np.arange(steps), np.arange(steps)[::-1]) / levers.HZ, 0, 1)
        tremor = swell * levers.trembling(rng, steps, low_hz, low_hz + 4) * rng.uniform(0.5, 2)
        room.put(at, tremor[:, None] * levers.unit(rng))
        fall = at + 8.0
        while fall < at + seconds - 5:
            gone_s = rng.uniform(0.06, 0.3)
            force = -levers.contraction(rng, gone_s, "twitch")
            room.move("jerk", fall, gone_s, force, peak(rng, 90, 0.7, 25, 900))
            fall += rng.uniform(6, 25)
    jerks(room, 20)


def beats(room):
    """Feet that beat, clonic runs that slow down, tremors that wax and wane."""
    rng = room.rng
    turns(room, 1)
    for at in moments(room, 16):
        kind = rng.choice(["foot", "clonic", "tremor"])
        low_hz, high_hz, low_s, high_s = dict(
            foot=(1, 2, 10, 18), clonic=(3, 7, 8, 50), tremor=(3.8, 6.5, 15, 80)
        )[kind]
        hz, seconds = rng.uniform(low_hz, high_hz), rng.uniform(low_s, high_s)
        if not room.free(at, seconds, 20):
            continue
        slows = rng.uniform(0, 0.25) if kind == "clonic" else 0
        force, when, count = levers.silent(seconds + 0.5), 0.0, 0
        while when < seconds - 0.5 / hz:
            period = 1 / hz / (1 + slows * (0.5 - when / seconds))
            steps = int(period * (1 if kind == "tremor" else 0.4) * levers.HZ)
            swing = np.sin((2 if kind == "tremor" else 1) * np.pi * np.arange(steps) / steps)
            waxes = 1 + 0.25 * np.sin(0.7 * when)
            levers.add(force, waxes * np.exp(0.12 * rng.standard_normal()) * swing, when)
            when += period * (1 + 0.04 * rng.standard_normal())
            count += 1
        own_hz = min(max(hz * rng.uniform(1, 2.2), 2.5), 14)
        mg = peak(rng, 120, 0.5, 35, 600)
        room.move("rhythm", at, seconds, force, mg, own_hz, count / when)
    jerks(room, 8)


def noises(room):
    """A snore with its voice, the mains' hum, trains below the house, and jerks among them."""
    rng, hz, length_s = room.rng, room.true_hz, room.seconds
    turns(room, 1.5)
    hum = np.arange(int(0.2 * length_s * hz)) / hz
    room.shake("hum", 0.1 * length_s, rng.uniform(2, 9) * np.sin(2 * np.pi * 16.7 * hum))
    for at in rng.uniform(0.35, 0.6, 3) * length_s:
        steps = int(rng.uniform(12, 30) * hz)
        swell = np.sin(np.pi * np.arange(steps) / steps)
        room.shake(
            "train", at, rng.uniform(1.5, 5) * swell * levers.trembling(rng, steps, 7, 35, hz)
        )
    at, low_hz, low, high = 0.65 * length_s, rng.uniform(4.5, 9), *rng.uniform(2, 7, 2)
    while at < 0.9 * length_s:
        steps = int(rng.uniform(0.7, 1.6) * hz)
        swell = np.sin(np.pi * np.arange(steps) / steps)
        voice = high / 2 * levers.trembling(rng, steps, 20, 0.45 * hz, hz)
        slow = low * np.sin(2 * np.pi * low_hz * np.arange(steps) / hz)
        room.shake("snore", at, swell * (voice + slow))
        at += rng.normal(4, 0.3)
    jerks(room, 30, 20, 90)


PROFILES = {f.__name__: f for f in (forces, small, periodic, lapses, beats, noises)}
WRIST, ANKLE = dict(limb_hz=(3.5, 11), arm_m=0.24), dict(limb_hz=(2.5, 8), arm_m=0.36)
CHIPS = (
    dict(odr_hz=104.0, mg_per_lsb=0.122, noise_mg=0.7),
    dict(odr_hz=100.0, mg_per_lsb=0.061, noise_mg=1.1),
    dict(odr_hz=52.0, mg_per_lsb=0.244, noise_mg=0.9),
)


def night(profile, seed, hours=HOURS) -> bed.Night:
    """Return one night of a profile, always the same."""
    number = list(PROFILES).index(profile)
    rng = np.random.default_rng([31337, seed, number])
    limb, chip = (WRIST, ANKLE)[(number + seed) % 2], CHIPS[(number + 2 * seed) % 3]
    room = levers.Room(rng, hours, pulse_mg=rng.uniform(0.4, 2.5), **limb, **chip)
    PROFILES[profile](room)
    room.truth.sort(key=lambda row: row["onset_s"])
    return bed.Night(room.counts(), room.mg_per_lsb, room.odr_hz, room.truth, room.others)


def scored(seeds, hours):
    """Return {profile: Tally} and the Tally of all."""
    whole, by_profile = score.Tally(), defaultdict(score.Tally)
    for profile in PROFILES:
        for seed in seeds:
            made = night(profile, seed, hours)
            events = score.found_by(made)
            whole.add(made, events)
            by_profile[profile].add(made, events)
    return by_profile, whole


if __name__ == "__main__":
    score.print_set("C", *scored(SEEDS, HOURS))
