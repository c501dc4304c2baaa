"""Real wrists: how much is called awake, how much is false, and what is found when mixed in.

Touches the folder of recordings that is given; numpy, limbs and nights. Files are npz with `raw`
counts, `scale`, `fs` and `unit`. Nobody labelled them: what is said of them is a bound, no score.
"""

import os
from pathlib import Path

import limbs
import nights
import numpy as np
from bed import Night
from limbs import Movement
from notturno.detect import named
from notturno.errors import UserError
from score import found_by, overlap_s, pairs

FOLDER_VARIABLE = "NOTTURNO_REAL_RECORDINGS"
ASLEEP = "asleep-wrist/asleep_wrist_30Hz_4h.npz"
ASLEEP_FROM_S = 62 * 60.0  # the recording begins at 20:00; sleep is told from 21:02 on
CHIP_NOISE_MG = 0.75  # rms an axis; the logger of that file holds stillness flat
RESTING = (
    "paradigma/pd_wrist_100Hz_12min.npz",
    "paradigma/axivity_100Hz_6min.npz",
    "e4-charlie/e4_wrist_32Hz_104min.npz",
    "e4-charlie/e4_wrist_32Hz_49min.npz",
)
STRETCH_S = 8.0  # of quiet that one mixed movement needs
QUIET_MG = 30.0  # peak to peak, on any axis, of what is slower and of what is faster than 2 s
MIXED_MG = (60, 600)
APART_S = 24.0  # from one mixed movement to the next, so that they are no restlessness
MIXES = 12  # copies of a recording, each with other movements


def load(path, noise_mg=0.0, seed=1) -> Night:
    """Return a recording, with white noise of so many mg rms an axis added; truth is empty.

    Raises UserError where the file is not in the folder that was given.
    """
    if not path.is_file():
        raise UserError(f"{path} is not there; give the folder that holds it.")
    with np.load(path, allow_pickle=False) as stored:
        counts, scale = stored["raw"][:, :3], float(stored["scale"])
        odr_hz, unit = float(stored["fs"]), str(stored["unit"])
    mg_per_lsb = scale * (limbs.MG_PER_MS2 if "m/s2" in unit else 1000.0)
    if noise_mg:
        rng = np.random.default_rng(seed)
        counts = counts + noise_mg / mg_per_lsb * rng.standard_normal(counts.shape)
    return Night(_int16(counts), mg_per_lsb, odr_hz, [])


def _int16(counts):
    return np.clip(np.round(counts), -32767, 32767).astype(np.int16)


def share(events, kind, first_s, last_s):
    """Share of a span inside rows of a kind."""
    span = dict(onset_s=first_s, duration_s=last_s - first_s)
    return sum(overlap_s(e, span) for e in events if e["kind"] == kind) / (last_s - first_s)


def asleep(folder, engine="native"):
    """Return figures of the sleeping wrist, from sleep on: shares, and jerks an hour
    outside awake. Time that is called not worn excuses none of them.
    """
    night = load(Path(folder) / ASLEEP, CHIP_NOISE_MG)
    events, end_s = found_by(night, engine), night.hours * 3600
    away = share(events, "awake", ASLEEP_FROM_S, end_s)
    empty = share(events, "not_worn", ASLEEP_FROM_S, end_s)
    rest = [e for e in events if e["kind"] == "awake"]
    single = [
        e
        for e in named.of_kind(events, "jerk")
        if e["onset_s"] >= ASLEEP_FROM_S and not any(overlap_s(e, span) for span in rest)
    ]
    hours = (1 - away) * (end_s - ASLEEP_FROM_S) / 3600
    return dict(awake=away, not_worn=empty, jerks_per_hour=len(single) / max(hours, 0.01))


def quiet_stretches(night):
    """Return the onsets (s) of stretches of STRETCH_S in which a real wrist rests."""
    width, length = int(2 * night.odr_hz) | 1, int(STRETCH_S * night.odr_hz)
    acc = night.acc * night.mg_per_lsb
    limit = max(QUIET_MG, 2.5 * night.mg_per_lsb)
    found, at = [], int(6 * night.odr_hz)
    while at + length < len(acc):
        part = acc[at : at + length]
        slow = np.stack([np.convolve(a, np.ones(width) / width, "valid") for a in part.T], axis=1)
        fast = part[width // 2 : width // 2 + len(slow)] - slow
        quiet = np.ptp(fast, axis=0).max() < limit and np.ptp(slow, axis=0).max() < limit
        if quiet:
            found.append(at / night.odr_hz)
        at += length if quiet else length // 8
    return found


def _movements(night, foreign, rng):
    """Return a movement for each quiet stretch, one LM to three jerks."""
    movements, last = [], -APART_S
    for at in quiet_stretches(night):
        if at - last < APART_S:
            continue
        last = at
        peak = float(np.exp(rng.uniform(*np.log(MIXED_MG))))
        is_jerk = rng.random() < 0.75
        active = float(rng.uniform(*foreign.jerk_s) if is_jerk else rng.uniform(1, 3))
        onset = at + float(rng.uniform(2, STRETCH_S - active - 2))
        movements.append(Movement("jerk" if is_jerk else "lm", onset, active, peak))
    return movements


def mixed(night, seed, foreign):
    """Return the recording with movements in its quiet stretches, and their truth."""
    rng = np.random.default_rng([77, seed])
    acc = night.acc * night.mg_per_lsb

    def gravity_of(at_s):
        first = int(at_s * night.odr_hz)
        return acc[first - int(night.odr_hz) : first].mean(axis=0)

    movements, truth = _movements(night, foreign, rng), []
    groups = limbs.drawn_by_length(movements, gravity_of, foreign.body, night.odr_hz, rng)
    for movement, first, felt in limbs.pieces_of([groups])[0]:
        acc[first : first + len(felt)] += felt[: max(len(acc) - first, 0)]
        onset_s, duration_s, peak_mg = limbs.seen(felt, first, night.odr_hz)
        truth.append(
            dict(kind=movement.kind, onset_s=onset_s, duration_s=duration_s, peak_mg=peak_mg)
        )
    return Night(_int16(acc / night.mg_per_lsb), night.mg_per_lsb, night.odr_hz, truth)


def found_when_mixed(night, engine="native"):
    """Return {kind: [found, mixed in]} over MIXES copies of a real recording."""
    sums = {"jerk": [0, 0], "lm": [0, 0]}
    for seed in range(MIXES):
        foreign = list(nights.FOREIGN.values())[seed % len(nights.FOREIGN)]
        copy = mixed(night, seed, foreign)
        events = found_by(copy, engine)
        for kind, both in sums.items():
            truth = [t for t in copy.truth if t["kind"] == kind]
            both[0] += len(pairs(truth, named.of_kind(events, kind), kind))
            both[1] += len(truth)
    return sums


def print_all(folder=None, engine="native"):
    """Print what can be said of each recording in a folder, or in the variable's.

    Raises UserError where neither is given.
    """
    folder = folder or os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise UserError(f"Give the folder of real recordings, or set {FOLDER_VARIABLE}.")
    got = asleep(folder, engine)
    print(
        f"asleep wrist, from 21:02: awake {got['awake']:.2f} (<= 0.15), not worn "
        f"{got['not_worn']:.2f}, single jerks/h outside awake {got['jerks_per_hour']:.1f} (<= 1)"
    )
    total = [0, 0]
    for name in (*RESTING, ASLEEP):
        night = load(Path(folder) / name, CHIP_NOISE_MG if name == ASLEEP else 0.0)
        events, end_s = found_by(night, engine), night.hours * 3600
        sums = found_when_mixed(night, engine)
        if name != ASLEEP:  # much of its quiet is its logger's making
            total = [a + sum(both[i] for both in sums.values()) for i, a in enumerate(total)]
        told = ", ".join(f"{kind} {a} of {b}" for kind, (a, b) in sums.items())
        print(
            f"{Path(name).stem}: awake {share(events, 'awake', 0, end_s):.2f}, not worn "
            f"{share(events, 'not_worn', 0, end_s):.2f}, quiet "
            f"{len(quiet_stretches(night)) * STRETCH_S / end_s:.2f}; mixed in, found: {told}"
        )
    print(f"mixed into real rest, found {total[0] / max(total[1], 1):.2f} of {total[1]} (>= 0.6)")
