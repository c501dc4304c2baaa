"""The fifth stranger's nights: two sets of eleven, a crisp ankle (E) and a soft wrist (F).

Touches numpy, hinges, bed and score. Run it as a program to see how the detector does:
    python tests/strangers/hinge_nights.py
"""

from collections import defaultdict
from zlib import crc32

import bed
import numpy as np
import score
from hinges import Model, Night, band_noise, beats, burst, held

SETS = {
    "E": Model(104.0, 0.122),
    "F": Model(
        *(52.0, 0.244, (1.5, 2.6), 4.0, (0.03, 0.06), (2.0, 5.0), (0.4, 1.0), (0.6, 2.0)),
        *((0.15, 0.3), (8.0, 16.0), (0.25, 0.5), (2.5, 5.0), (0.8, 3.0), (2.0, 8.0)),
        bed_gain=1.3,
    ),
}
# What happens how often an hour, by profile; `off_wrist` and `awake` in spells of minutes.
PROFILES = {
    "quiet": dict(turn=3, jerk=6, lm=3),
    "starts": dict(turn=5, start=50, fragment=40, lm=6),
    "fragments": dict(turn=4, fragment=150, jerk=10),
    "jerks": dict(turn=4, jerk=110, double=8, lm=8),
    "plm": dict(turn=4, plm=4, lm=8, jerk=12, other_leg=30),
    "rhythms": dict(turn=4, rhythm=14, jerk=20, lm=8),
    "alma": dict(turn=4, alma=16, hft=12, jerk=15, lm=8, bruxism=6),
    "restless": dict(turn=24, heave=6, lm=30, jerk=25, fragment=15),
    "wakeful": dict(turn=5, awake=1.5, off_wrist=0.5, jerk=40, lm=12),
    "neighbours": dict(
        turn=4, jerk=40, lm=12, partner=40, phone=6, snore=3, pump=2, cat=2, lorry=5
    ),
    "mixed": dict(turn=8, jerk=45, start=10, fragment=20, lm=15, plm=1, rhythm=4, alma=3, hft=3),
}
SEEDS, HOURS = (101, 102), 2.0
MARGIN_S = 2.0


class Diary:
    """Says when what happens, so that no two things of the limb happen at once."""

    def __init__(self, rng, seconds):
        self.rng, self.seconds = rng, seconds
        self.taken = []

    def room(self, length_s, margin_s=MARGIN_S):
        """Return a second at which length_s is free, or None where there is none."""
        for _ in range(60):
            at_s = self.rng.uniform(20, self.seconds - length_s - 15)
            if all(at_s + length_s + margin_s < a or b + margin_s < at_s for a, b in self.taken):
                self.taken.append((at_s, at_s + length_s))
                return at_s
        return None


def size(rng, low_mg, high_mg, middle_mg, spread):
    """Return a lognormal peak within bounds."""
    return float(np.clip(middle_mg * np.exp(spread * rng.normal()), low_mg, high_mg))


def jerk(night, at_s, low_mg=4, high_mg=1200, middle_mg=70, spread=1.3, longest_s=0.2):
    """A single jerk: a drive of 0.03 s to longest_s, and less where it would swing on."""
    rng = night.rng
    drive = burst(rng, rng.uniform(0.03, longest_s), night.fine_hz)
    night.move("jerk", at_s, drive, size(rng, low_mg, high_mg, middle_mg, spread))


def movement(night, at_s, length_s, low_mg=15, high_mg=600, middle_mg=90):
    """A movement as a scorer of legs has it: stroke, hold, release, or a few strokes on end."""
    rng = night.rng
    if rng.uniform() < 0.7:
        hold, rise_s = rng.uniform(0.3, 0.9), rng.uniform(0.02, 0.2)
        drive = held(rng, length_s, night.fine_hz, hold, rise_s)
    else:
        n = max(int(length_s / 0.4), 2)
        pieces = [burst(rng, rng.uniform(0.15, 0.5), night.fine_hz) for _ in range(n)]
        drive = np.concatenate([p * rng.uniform(0.4, 1) * rng.choice([-1, 1]) for p in pieces])
        drive = drive[: int(length_s * night.fine_hz)]
    limb_hz = np.exp(rng.uniform(*np.log(night.model.whole_hz)))
    night.move("lm", at_s, drive, size(rng, low_mg, high_mg, middle_mg, 0.7), limb_hz)


def rhythm(night, at_s, length_s, beat_hz, peak_mg):
    """A run of beats; the limb follows as quickly as they come."""
    rng = night.rng
    drive = beats(rng, length_s, night.fine_hz, beat_hz, rng.uniform(0.25, 0.6), 0.08)
    limb_hz = max(beat_hz * rng.uniform(1.2, 2), night.model.limb_hz[0])
    night.move("rhythm", at_s, drive, peak_mg, limb_hz, beat_hz)


def waking(night, at_s, length_s):
    """A spell of will: reaching, scratching, fumbling, with rests of seconds."""
    rng, now = night.rng, at_s
    night.tell("awake", at_s, length_s)
    while now < at_s + length_s - 6:
        lasts = rng.uniform(0.4, 4)
        if rng.uniform() < 0.5:
            night.heave(now, lasts, size(rng, 30, 900, 200, 0.8), 0.5, 6)
        else:
            drive = held(rng, lasts, night.fine_hz, rng.uniform(0.3, 0.9), rng.uniform(0.1, 0.4))
            night.move(None, now, drive, size(rng, 30, 900, 200, 0.8))
        now += lasts + rng.exponential(4)


def partner(night, at_s):
    """Who lies beside: a jerk, a movement or a turn, through the mattress."""
    rng = night.rng
    length_s = float(rng.choice([0.1, rng.uniform(0.6, 3), rng.uniform(2, 6)]))
    drive = burst(rng, length_s, night.fine_hz, 0.9)
    night.shake("partner", at_s, night.through_mattress(drive), size(rng, 2, 40, 7, 0.7))


def phone(night, at_s):
    """A phone that buzzes on the mattress, far over the sensor's rate."""
    t = np.arange(int(0.45 * night.fine_hz)) / night.fine_hz
    hz = night.rng.uniform(140, 190)
    for k in range(4):
        wave = np.sin(2 * np.pi * hz * t) * np.minimum(1, t / 0.05)
        night.shake("phone", at_s + 0.65 * k, wave, night.rng.uniform(5, 40))


def snore(night, at_s, length_s):
    """A snore with each breath for a while: a low tone and what the chest does."""
    rng, now = night.rng, at_s
    peak_mg = rng.uniform(2, 9)
    while now < at_s + length_s:
        n = int(rng.uniform(0.7, 1.4) * night.fine_hz)
        wave = band_noise(rng, n, night.fine_hz, 12, 60) * np.sin(np.pi * np.arange(n) / n)
        night.shake("snore", now, wave, peak_mg * rng.uniform(0.6, 1))
        now += rng.uniform(3.4, 4.8)


def pump(night, at_s, length_s):
    """A pump or a fan that runs for minutes."""
    n = int(length_s * night.fine_hz)
    t = np.arange(n) / night.fine_hz
    wave = np.sin(2 * np.pi * night.rng.uniform(6, 24) * t) * np.clip(t / 0.5, 0, 1)
    night.shake("pump", at_s, wave, night.rng.uniform(1, 5))


def lorry(night, at_s):
    """A lorry that comes and goes."""
    n = int(night.rng.uniform(5, 14) * night.fine_hz)
    wave = band_noise(night.rng, n, night.fine_hz, 8, 18)
    wave *= np.exp(-(np.linspace(-2, 2, n) ** 2))
    night.shake("lorry", at_s, wave, night.rng.uniform(2, 12))


def cat(night, at_s):
    """A cat that walks over the bed and lies down."""
    rng, now = night.rng, at_s
    for _ in range(rng.integers(5, 14)):
        wave = night.through_mattress(burst(rng, 0.06, night.fine_hz))
        night.shake("cat", now, wave, size(rng, 3, 30, 9, 0.5))
        now += rng.uniform(0.25, 0.6)


def bruxism(night, at_s):
    """Teeth that grind, once a second: next to nothing at a limb."""
    drive = beats(night.rng, 8.0, night.fine_hz, 1.0, 0.5, 0.1)
    night.shake("bruxism", at_s, drive, night.rng.uniform(0.5, 1.5))


def _turns(night, diary, per_hour, hours):
    rng, turns = night.rng, []
    for _ in range(rng.poisson(per_hour * hours)):
        length_s = rng.uniform(0.8, 6)
        at_s = diary.room(length_s + 1)
        if at_s is not None:
            turns.append((at_s, length_s, rng.uniform(25, 150)))
    return sorted(turns)


def _series(night, diary, sided=True):
    """Lay a series of periodic movements: (at_s, length_s) each, of 5 to 40."""
    rng = night.rng
    step_s, length_s, n = rng.uniform(10, 50), rng.uniform(0.6, 5), int(rng.integers(5, 40))
    n = min(n, max(int(diary.seconds * 0.15 / step_s), 4))
    at_s = diary.room(n * step_s)
    if at_s is None:
        return
    peak_mg = size(rng, 20, 500, 90, 0.6)
    for k in range(n):
        now = at_s + (k + 0.3 + 0.1 * rng.normal()) * step_s
        lasts = float(np.clip(length_s * np.exp(0.25 * rng.normal()), 0.6, 8))
        lasts = min(lasts, 0.6 * step_s)
        movement(night, now, lasts, 15, 800, peak_mg * np.exp(0.2 * rng.normal()))
        if sided and rng.uniform() < 0.5:
            wave = night.through_mattress(burst(rng, lasts, night.fine_hz))
            night.shake("other_leg", now + rng.uniform(-0.3, 0.3), wave, rng.uniform(1, 4))


def _lengths(rng):
    """How long each thing of the limb is, in seconds."""
    return dict(
        jerk=0.2,
        start=0.25,
        fragment=0.1,
        double=1.5,
        lm=float(np.clip(2 * np.exp(0.7 * rng.normal()), 0.6, 9)),
        rhythm=rng.uniform(6, 60),
        alma=rng.uniform(4, 25),
        hft=rng.uniform(4, 15),
        heave=rng.uniform(1, 5),
        snore=rng.uniform(120, 400),
        pump=rng.uniform(60, 400),
        awake=rng.uniform(120, 500),
        off_wrist=rng.uniform(600, 1200),
    )


def _happens(night, what, at_s, lasts):
    rng = night.rng
    if what == "jerk":
        jerk(night, at_s)
    elif what == "start":
        jerk(night, at_s, 30, 1200, 200, 0.8, 0.25)
    elif what == "fragment":
        jerk(night, at_s, 4, 40, 13, 0.6, 0.12)
    elif what == "double":
        jerk(night, at_s, 20)
        jerk(night, at_s + rng.uniform(0.8, 1.5), 20)
    elif what == "lm":
        movement(night, at_s, lasts)
    elif what == "rhythm":
        rhythm(night, at_s, lasts, rng.uniform(1, 7), size(rng, 15, 400, 70, 0.7))
    elif what == "alma":
        rhythm(night, at_s, lasts, rng.uniform(1, 2.5), size(rng, 20, 300, 70, 0.5))
    elif what == "hft":
        rhythm(night, at_s, lasts, rng.uniform(1, 4), size(rng, 15, 150, 50, 0.5))
    elif what == "heave":  # a body that shifts without turning
        night.heave(at_s, lasts, size(rng, 40, 600, 150, 0.6))
        night.tell("lm", at_s, lasts, 150.0)
    elif what == "awake":
        waking(night, at_s, lasts)
    elif what == "off_wrist":
        night.heave(at_s, 3, 700, 0.5, 8), night.heave(at_s + lasts - 4, 4, 700, 0.5, 8)
        night.off.append((at_s + 3, at_s + lasts - 4))
        night.tell("not_worn", at_s + 3, lasts - 7)


ALONE = ("jerk", "start", "fragment", "double", "lm", "rhythm", "alma", "hft", "heave")
SPELLS = ("off_wrist", "awake")
NOT_THE_LIMB = dict(partner=partner, phone=phone, lorry=lorry, cat=cat, bruxism=bruxism)
LONG = dict(snore=snore, pump=pump)


def night(name, profile, seed, hours=HOURS):
    """Return the Night of a set, a profile and a seed."""
    made = Night(SETS[name], hours, [seed, crc32(profile.encode()), ord(name)])
    rng, rates = made.rng, PROFILES[profile]
    diary = Diary(rng, hours * 3600)
    spells = []
    for what in SPELLS:
        for _ in range(int(np.ceil(rates.get(what, 0) * hours))):
            lasts = min(_lengths(rng)[what], 0.2 * diary.seconds)
            at_s = diary.room(lasts, 10)
            if at_s is not None:
                spells.append((what, at_s, lasts))
    turns = _turns(made, diary, rates.get("turn", 0), hours)
    awake = [(at_s, lasts) for what, at_s, lasts in spells if what == "awake"]
    in_them = [(a + s, 2.0, 70) for a, lasts in awake for s in np.arange(8, lasts - 8, 45)]
    made.plan_turns(sorted(turns + in_them))
    for at_s, length_s, degrees in turns:
        made.heave(at_s - 0.3, length_s + 0.6, size(rng, 40, 700, 180, 0.6))
        made.tell("posture", at_s, length_s, degrees)
    for spell in spells:
        _happens(made, *spell)
    for _ in range(int(np.ceil(rates.get("plm", 0) * hours))):
        _series(made, diary)
    for what in ALONE:
        for _ in range(rng.poisson(rates.get(what, 0) * hours)):
            lasts = _lengths(rng)[what]
            at_s = diary.room(lasts + 0.5)
            if at_s is not None:
                _happens(made, what, at_s, lasts)
    for what, shakes in NOT_THE_LIMB.items():
        for _ in range(rng.poisson(rates.get(what, 0) * hours)):
            shakes(made, rng.uniform(20, diary.seconds - 30))
    for what, shakes in LONG.items():
        for _ in range(rng.poisson(rates.get(what, 0) * hours)):
            lasts = min(_lengths(rng)[what], 0.3 * diary.seconds)
            shakes(made, rng.uniform(20, diary.seconds - lasts - 20), lasts)
    model, truth = made.model, sorted(made.truth, key=lambda row: row["onset_s"])
    return bed.Night(made.counts(), model.mg_per_lsb, model.odr_hz, truth, made.others)


def scored(name, seeds=SEEDS, hours=HOURS):
    """Return {profile: Tally} and the Tally of all."""
    whole, by_profile = score.Tally(), defaultdict(score.Tally)
    for profile in PROFILES:
        for seed in seeds:
            made = night(name, profile, seed, hours)
            events = score.found_by(made)
            whole.add(made, events)
            by_profile[profile].add(made, events)
    return by_profile, whole


if __name__ == "__main__":
    for each in SETS:
        score.print_set(each, *scored(each))
