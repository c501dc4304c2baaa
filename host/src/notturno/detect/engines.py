"""Runs the detector over a whole recording, by one of three engines that give the same events.

Touches numpy and the chosen engine. In: raw counts of a recording; out: events in seconds from the
recording's start, mg and mg/s. What decides lives in notturno_core: `segments` and `names`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from math import isqrt
from operator import itemgetter
from types import ModuleType
from typing import TYPE_CHECKING, Any

from notturno_core import detector, namer, segments, wire

from notturno.detect import ahead, finer
from notturno.detect.ahead import GOES_ON
from notturno.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from notturno.detect.recording import Recording

segments.isqrt = isqrt  # the same; asked 10 000 times a night

ENGINES = ("native", "python", "vm")
GAP, END = "gap", "end"  # after a piece's rows, besides GOES_ON
FACTS = (
    *("bursts", "cycles", "uneven_pct", "centre_dhz", "burst_samples", "move_samples"),
    *("quick_peak_mg", "slow_peak_mg", "effective_ms", "morph_ms", "later_pct"),
)
_FLAGS = tuple(wire.FLAG_NAMES.items())
_facts_of = itemgetter(*FACTS)


def run(recording: Recording, engine: str = "native", settings: dict | None = None) -> list[dict]:
    """Return the events of a recording in the order in which the detector released them.

    recording: acc int16 (n, 3), mg_per_lsb, odr_hz and, where samples are missing, breaks: filters
    forget what was before, as on the band, and seconds count what is missing. settings: name ->
    integer, names as in detector.DEFAULTS. Each event: kind, onset_s, duration_s, peak_mg,
    peak_jerk_mg_per_s, rhythm_hz and beats (None unless a rhythm), confidence (0 to 1), flags
    (names).
    Raises UserError for an unknown engine or setting, a rate or scale the detector cannot take, a
    recording shorter than its warm-up, or an engine that is not installed.
    """
    at_s = seconds(recording)
    return [event_dict(*event, at_s) for event in named(recording, engine, settings)]


def named(
    recording: Recording,
    engine: str = "native",
    settings: dict | None = None,
    minutes: list | None = None,
) -> list[tuple[dict, int, int, int]]:
    """Return the final rows: (values, sample and kind of the provisional row, sample).

    values: dict by wire.EVENT_FIELDS; a context has no provisional row. minutes: a list that
    takes the minutes' values.
    """
    stream: Any = None
    first, finals, gap = {}, [], None
    for state, facts, ends in _facts(_pieces(recording, engine, settings)):
        if stream is None:
            rules = detector.split(settings or {})[1]
            stream = namer.Namer(state[segments.S_ODR_MHZ], rules)
            stream.remember = dict  # asked 200 000 times a night
        told = []
        for found in facts:
            told += stream.feed(found)
        if ends == END:
            told += stream.finish(state[segments.S_SAMPLE])
        elif ends == GAP:  # as detector.Detector.gap
            told += stream.advance(state[segments.S_SAMPLE])
            told += stream.gap()
        for what, values, at in told:
            if what == detector.PROVISIONAL:
                first[values["number"]] = (at, values["kind"])
            elif what == detector.FINAL:
                if gap is not None and values["onset_sample"] >= gap:  # as the recorder does
                    values["flags"] |= wire.FLAG_AFTER_GAP
                    gap = None
                finals.append((values, *first.pop(values["number"], (at, values["kind"])), at))
            elif minutes is not None:
                minutes.append(values)
        if ends == GAP:
            gap = state[segments.S_SAMPLE]
    return finals


def _facts(pieces: Iterator[tuple[array, array, str, int]]) -> Iterator[tuple[array, list, str]]:
    """Yield (state, facts in their order, how the piece ends); as detector.Detector tells them.

    Of a piece that goes on, what closed after its last whole SYNC waits: rows that are not here
    yet may come before it.
    """
    waiting = []
    for state, rows, ends, reached in pieces:
        n = len(rows) // segments.OUT_WORDS
        facts = detector.facts_in_order(state, rows.tolist(), n)
        if waiting:
            facts = sorted(waiting + facts, key=lambda each: (each["closed_sample"], each["row"]))
        waiting = []
        if ends == GOES_ON:
            now = reached - reached % detector.SYNC
            waiting = [found for found in facts if found["closed_sample"] > now]
            facts = facts[: len(facts) - len(waiting)]
        yield state, facts, ends


def rows_of(
    recording: Recording, engine: str = "native", settings: dict | None = None
) -> tuple[array, array]:
    """Return (state at the end, all rows: array of int32), events and minutes, by one engine."""
    state, rows = array("i"), array("i")
    for state, more, *_ in _pieces(recording, engine, settings):  # noqa: B007 (the last one's)
        rows.extend(more)
    return state, rows


def _pieces(
    recording: Recording, engine: str, settings: dict[str, int] | None
) -> Iterator[tuple[array, array, str, int]]:
    """Yield (state, rows, how it ends, samples seen) of each piece between breaks, or of parts.

    While a piece GOES_ON its state is still being changed, but for scale and rate.
    """
    if engine not in ENGINES:
        raise UserError(
            "There is no engine {engine}; choose one of {engines}.",
            engine=engine,
            engines=", ".join(ENGINES),
        )
    times = finer.doublings(recording.acc, recording.mg_per_lsb)
    state = start(recording, settings, times)
    words = raw_words(recording.acc)
    edges = [0, *(at for at, _ in getattr(recording, "breaks", ())), len(recording.acc)]
    for first, end in pairwise(edges):
        part = words[3 * first : 3 * end]
        ends = END if end == edges[-1] else GAP
        if engine == "native":
            yield from ahead.found(state, part, ends, times)
            continue
        part = finer.words(part, times)
        if engine == "vm":
            from notturno.detect import vm

            found: Any = vm.run(state, part)
        else:
            found = by_python(segments, state, part)
        state, rows = found
        yield state, rows, ends, end


def seconds(recording: Recording) -> Callable[..., Any]:
    """Return a function: the seconds from the recording's start at which a sample was taken."""
    breaks, odr_hz = getattr(recording, "breaks", ()), recording.odr_hz
    if not breaks:
        return lambda sample: sample / odr_hz
    at = [each[0] for each in breaks]
    missing_s = [0.0, *accumulate(each[1] for each in breaks)]

    def at_s(sample: int) -> float:
        return sample / odr_hz + missing_s[bisect_right(at, sample)]

    return at_s


def start(recording: Recording, settings: dict | None = None, times: int | None = None) -> array:
    """Return the detector's state for this recording, whose counts it takes as `finer` has them.

    times: of `finer.doublings`, where they are known. Raises UserError as `run` does.
    """
    settings = settings or {}
    check_settings(settings)
    settings = finer.thresholds(recording.mg_per_lsb) | settings
    if times is None:
        times = finer.doublings(recording.acc, recording.mg_per_lsb)
    try:
        state = segments.new_state(
            round(recording.odr_hz * 1000),
            round(recording.mg_per_lsb * 1000 / 2**times),
            **detector.split(settings)[0],
        )
    except ValueError as error:
        raise UserError(
            "The detector cannot run on this recording: {why_said}.", why_said=error
        ) from None
    return state


def check_settings(settings: dict) -> None:
    """Raise UserError for a setting that the detector does not have."""
    unknown = [name for name in settings if name not in detector.DEFAULTS]
    if unknown:
        raise UserError(
            "The detector has no setting {unknown}; it has {defaults}.",
            unknown=unknown[0],
            defaults=", ".join(detector.DEFAULTS),
        )


def raw_words(acc: np.ndarray) -> np.ndarray:
    """Return int16 (n, 3) as a flat array of uint16, x y z interleaved; a view where it can be."""
    import numpy as np

    if acc.dtype != np.int16 or acc.ndim != 2 or acc.shape[1] != 3:
        raise UserError("A recording holds raw counts as int16 with three columns; convert it.")
    return np.ravel(acc).view(np.uint16)


def by_python(
    module: ModuleType, state: array, words: np.ndarray, chunk: int = segments.MAX_CHUNK
) -> tuple[Any, array]:
    """Run `module`, the detector or a copy with other stages, over all words: (state, rows)."""
    out = array("i", bytes(4 * segments.OUT_WORDS * segments.MAX_ROWS))
    rows = array("i")
    samples = memoryview(words.data).cast("B").cast("H")
    for first in range(0, len(samples) // 3, chunk):
        n = min(chunk, len(samples) // 3 - first)
        got = module.process(state, samples[3 * first : 3 * (first + n)], n, out)
        rows.extend(out[: got * segments.OUT_WORDS])
    got = module.cut(state, out)
    rows.extend(out[: got * segments.OUT_WORDS])
    return state, rows


def event_dict(values: dict, provisional: int, kind: int, final: int, at_s: Callable) -> dict:
    """Return one row as `replay --json` prints it; at_s: of `seconds`."""
    rhythm = values["kind"] == wire.EVENT_RHYTHM
    onset, flags = values["onset_sample"], values["flags"]
    onset_s = at_s(onset)
    end_s = at_s(onset + max(1, values["duration_samples"]) - 1) + (at_s(1) - at_s(0))
    event = {
        "kind": wire.EVENT_NAMES[values["kind"]],
        "onset_s": round(onset_s, 4),
        "duration_s": round(end_s - onset_s, 4),
        "peak_mg": values["peak_mg"],
        "peak_jerk_mg_per_s": values["peak_jerk_mg_per_s"],
        "rhythm_hz": values["rhythm_mhz"] / 1000 if rhythm else None,
        "beats": values["beats"] if rhythm else None,
        "confidence": values["confidence_pct"] / 100,
        "flags": [name for bit, name in _FLAGS if flags & bit] if flags else [],
        "number": values["number"],
        "provisional_s": round(at_s(provisional), 3),
        "provisional_kind": wire.EVENT_NAMES[kind],
        "final_s": round(at_s(final), 3),
    }
    event.update(zip(FACTS, _facts_of(values), strict=True))
    return event
