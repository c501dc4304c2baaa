"""Real recordings: false jerks of awake limbs, and synthetic jerks mixed into real rest.

Touches the recordings of the package and numpy. The recordings are of people awake, or of sensors
moved by hand; nobody labelled them. What is called false here is a jerk counted at all.
"""

import numpy as np

from notturno import recordings
from notturno.bench import metrics
from notturno.bench.baselines.spans import filtered, norm
from notturno.detect import recording as raw
from notturno.detect.named import of_kind
from notturno.sleeper import body

REST_MG = 20.0  # a second whose high-passed norm stays below is rest
REST_S = 5  # shortest stretch of rest that is taken
MIXED_S = 1800
APART_S = 6.0
LEAST_RATE_HZ = 90.0


def awake(systems):
    """Return a row a recording and system: hours, hours outside `awake` spans, jerks outside.

    systems: name -> function (Recording) -> events.
    """
    rows = []
    for path in recordings.paths():
        recording = raw.load(path)
        for name, detect in systems.items():
            events = detect(recording)
            spans = [
                (e["onset_s"], e["onset_s"] + e["duration_s"])
                for e in events
                if e["kind"] == "awake"
            ]
            jerks = [
                e
                for e in of_kind(events, "jerk")
                if not any(a <= e["onset_s"] <= b for a, b in spans)
            ]
            covered_s = min(sum(b - a for a, b in spans), recording.length_s)
            rows.append(
                {
                    "recording": path.stem,
                    "system": name,
                    "hours": recording.length_s / 3600,
                    "outside_h": (recording.length_s - covered_s) / 3600,
                    "jerks": len(jerks),
                }
            )
    return rows


def rest_background(recording, seconds=MIXED_S):
    """Return rest of a recording as float mg (n, 3) of the wanted length; None if under a minute.

    Stretches of rest are joined end to end, each shifted so that gravity goes on without a step,
    and played to and fro until the length is reached.
    """
    acc_mg = recording.acc * recording.mg_per_lsb
    odr_hz = recording.odr_hz
    n = int(odr_hz)
    size = norm(filtered(acc_mg, odr_hz, 0.5))
    quiet = size[: len(size) // n * n].reshape(-1, n).max(axis=1) < REST_MG
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]]))).reshape(-1, 2)
    parts, at = [], np.zeros(3)
    for first, end in edges:
        if end - first >= REST_S:
            part = acc_mg[first * n : end * n]
            parts.append(part + (at - part[:8].mean(axis=0) if parts else 0))
            at = parts[-1][-8:].mean(axis=0)
    if sum(map(len, parts)) < 60 * odr_hz:
        return None
    rest = np.concatenate(parts)
    loop = np.concatenate([rest, rest[::-1]])
    want = int(seconds * odr_hz)
    return np.tile(loop, (want // len(loop) + 1, 1))[:want]


def mixed(systems, seed, seconds=MIXED_S):
    """Return {system: (tally with synthetic jerks, jerks found without any, hours)}, summed.

    Jerks of 8-200 mg from the sleeper, every APART_S or more, in each background there is.
    """
    out = {name: {"tallies": [], "alone": 0, "hours": 0.0} for name in systems}
    for number, path in enumerate(recordings.paths()):
        recording = raw.load(path)
        if recording.odr_hz < LEAST_RATE_HZ:
            continue
        background = rest_background(recording, seconds)
        if background is None:
            continue
        rng = np.random.default_rng((seed, number, 3))
        with_jerks, truth = _add_jerks(background, recording.odr_hz, rng)
        for name, detect in systems.items():
            here = out[name]
            events = detect(_as_counts(with_jerks, recording))
            here["tallies"].append(metrics.tally(truth, events, seconds / 3600))
            alone = detect(_as_counts(background, recording))
            here["alone"] += len(of_kind(alone, "jerk"))
            here["hours"] += seconds / 3600
    return out


def _add_jerks(background, odr_hz, rng):
    acc_mg, truth = background.copy(), []
    t = 30.0
    while t < len(acc_mg) / odr_hz - 10:
        peak_mg = float(np.exp(rng.uniform(np.log(8), np.log(200))))
        wave, muscle_s = body.jerk(rng, peak_mg)
        at = np.arange(int(np.ceil(t * odr_hz)), int((t + len(wave) / body.RENDER_HZ) * odr_hz))
        when = at / odr_hz - t
        for axis in range(3):
            source_s = np.arange(len(wave)) / body.RENDER_HZ
            acc_mg[at, axis] += np.interp(when, source_s, wave[:, axis])
        row = dict(kind="jerk", onset_s=t, duration_s=muscle_s, peak_mg=peak_mg, rhythm_hz=None)
        truth.append(row)
        t += APART_S + rng.exponential(APART_S)
    return acc_mg, truth


def _as_counts(acc_mg, recording):
    counts = np.clip(np.round(acc_mg / recording.mg_per_lsb), -32768, 32767).astype(np.int16)
    return raw.Recording(counts, recording.mg_per_lsb, recording.odr_hz)
