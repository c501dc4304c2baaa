"""Real recordings: false jerks, time refused, and synthetic jerks mixed into real rest.

Touches the recordings of the package and numpy. One wrist sleeps, the other recordings are of
people awake or of sensors moved by hand; nobody labelled them. What is called false here is a jerk
counted at all.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from notturno import recordings
from notturno.bench import metrics
from notturno.bench.baselines.spans import filtered, norm
from notturno.detect import recording as raw
from notturno.detect.named import left_out, of_kind
from notturno.detect.runs import runs_of
from notturno.sleeper import models
from notturno.sleeper.body import RENDER_HZ

REST_MG = 20.0  # a second whose high-passed norm stays below is rest
REST_S = 5  # shortest stretch of rest that jerks are mixed into
MARGIN_S = 1.5  # from a stretch's ends
APART_S = 6.0
REPEATS = {"awake": 8, "asleep": 1}  # the rest of awake people is short
ROWS = "awake, rows"  # the same jerks, found also by a row that does not count
ASLEEP_NOISE_MG = 0.75  # what the logger's idle mode has taken away, as this chip would have it


def everything() -> dict[str, raw.Recording]:
    """Return {name: Recording}, the sleeping wrist with a sensor's noise."""
    out = {path.stem: raw.load(path) for path in recordings.paths()}
    name = recordings.ASLEEP.stem
    noise_mg = np.random.default_rng(24).normal(0, ASLEEP_NOISE_MG, out[name].acc.shape)
    out[name] = _as_counts(out[name].acc * out[name].mg_per_lsb + noise_mg, out[name])
    return out


def refused(recordings_: dict[str, raw.Recording], systems: dict[str, Callable]) -> list[dict]:
    """Return a row a recording and system: hours, hours called awake and not worn, jerks counted.

    systems: name -> function (Recording) -> events. Jerks are those outside spans called awake;
    rows: movements of any kind, left_out: those that do not count.
    """
    rows = []
    for name, recording in recordings_.items():
        for system, detect in systems.items():
            events = detect(recording)
            begin_s = recordings.ASLEEP_FROM_S if name == recordings.ASLEEP.stem else 0.0
            rows.append(
                dict(recording=name, system=system, hours=recording.length_s / 3600)
                | _of_recording(events, recording, begin_s)
            )
    return rows


def _of_recording(
    events: list[dict], recording: raw.Recording, begin_s: float
) -> dict[str, float]:
    awake, off = (_spans(events, kind) for kind in ("awake", "not_worn"))
    jerks = [e for e in of_kind(events, "jerk") if not _inside(e, awake)]
    asleep = [(max(a, begin_s), b) for a, b in awake if b > begin_s]
    out = left_out(events)
    return {
        "awake_h": min(sum(b - a for a, b in awake), recording.length_s) / 3600,
        "not_worn_h": sum(b - a for a, b in off) / 3600,
        "jerks": len(jerks),
        "asleep_h": (recording.length_s - begin_s) / 3600,
        "asleep_jerks": sum(e["onset_s"] >= begin_s for e in jerks),
        "asleep_awake_h": sum(b - a for a, b in asleep) / 3600,
        "rows": sum(e["kind"] in metrics.KINDS for e in events),
        "left_out": sum(sum(reasons.values()) for reasons in out.values()),
    }


def _spans(events: list[dict], kind: str) -> list[tuple[int, int]]:
    return [(e["onset_s"], e["onset_s"] + e["duration_s"]) for e in events if e["kind"] == kind]


def _inside(event: dict, spans: list[tuple[int, int]]) -> bool:
    return any(a <= event["onset_s"] <= b for a, b in spans)


def rest_spans(recording: raw.Recording) -> list[tuple[Any, Any]]:
    """Return the stretches of rest (first, end), s, of REST_S or more."""
    size = norm(filtered(recording.acc * recording.mg_per_lsb, recording.odr_hz, 0.5))
    n = int(recording.odr_hz)
    quiet = size[: len(size) // n * n].reshape(len(size) // n, n).max(axis=1) < REST_MG
    second_s = n / recording.odr_hz
    return [
        (a * second_s, b * second_s) for a, b in runs_of(quiet) if (b - a) * second_s >= REST_S
    ]


def with_jerks(
    recording: raw.Recording, seed: tuple[int, int, int]
) -> tuple[raw.Recording, list[dict]]:
    """Return (Recording with synthetic jerks where it rests, their truth); seed: numbers.

    Everything around stays: what a detector calls awake around a stretch of rest, and so does not
    count, is lost to it here as in life. Limbs are the held-out models'.
    """
    rng = np.random.default_rng((*seed, 3))
    acc_mg, truth, last_s = recording.acc * recording.mg_per_lsb, [], 0.0
    for begin, end in rest_spans(recording):
        t = max(begin + MARGIN_S, last_s + APART_S)
        while t < end - MARGIN_S:
            model = models.HELD_OUT[int(rng.integers(len(models.HELD_OUT)))]
            peak_mg = models.peak_mg(rng, model.jerk_mg)
            wave, muscle_s = model.limb.jerk(rng, peak_mg)
            _add(acc_mg, recording.odr_hz, t, wave)
            row = dict(kind="jerk", onset_s=t, duration_s=muscle_s, peak_mg=peak_mg)
            truth.append(row | {"rhythm_hz": None})
            last_s = t
            t += APART_S + rng.exponential(APART_S)
    return _as_counts(acc_mg, recording), truth


def _add(acc_mg: np.ndarray, odr_hz: float, onset_s: float, wave: np.ndarray) -> None:
    last_s = onset_s + (len(wave) - 1) / RENDER_HZ
    at = np.arange(int(np.ceil(onset_s * odr_hz)), min(int(last_s * odr_hz) + 1, len(acc_mg)))
    source_s = np.arange(len(wave)) / RENDER_HZ
    for axis in range(3):
        acc_mg[at, axis] += np.interp(at / odr_hz - onset_s, source_s, wave[:, axis])


def mixed(
    recordings_: dict[str, raw.Recording], systems: dict[str, Callable], seed: int
) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return {"awake", "asleep" or ROWS: {system: tally}}, jerks mixed into rest.

    PPV means nothing. ROWS tells what a detector has seen from what it refuses, for who is awake
    shall not be counted: of awake wrists, whatever its flags and the spans around it say.
    """
    out = {where: {name: [] for name in systems} for where in (*REPEATS, ROWS)}
    for number, (name, recording) in enumerate(recordings_.items()):
        where = "asleep" if name == recordings.ASLEEP.stem else "awake"
        for repeat in range(REPEATS[where]):
            both, truth = with_jerks(recording, (seed, number, repeat))
            if not truth:
                break
            for system, detect in systems.items():
                events, hours = detect(both), recording.length_s / 3600
                out[where][system].append(metrics.tally(truth, events, hours))
                if where == "awake":
                    plain = [e | {"flags": []} for e in events if e["kind"] in metrics.KINDS]
                    out[ROWS][system].append(metrics.tally(truth, plain, hours))
    return {
        where: {name: metrics.figures(tallies) for name, tallies in part.items()}
        for where, part in out.items()
    }


def _as_counts(acc_mg: np.ndarray, recording: raw.Recording) -> raw.Recording:
    counts = np.clip(np.round(acc_mg / recording.mg_per_lsb), -32768, 32767).astype(np.int16)
    return raw.Recording(counts, recording.mg_per_lsb, recording.odr_hz)
