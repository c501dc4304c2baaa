"""An export as EDF+: a file a recording, its events as annotations on absolute time. Needs edfio.

Texts are English, the patient is X, the start is local time (EDF knows no zones; the zone and its
offset stand in the first annotation). Onsets are elapsed seconds, also over a change of clocks.
Where snippets are asked for, three signals hold them in their place and 0 elsewhere, and an
annotation says where they are.
"""

from __future__ import annotations  # pyright: ignore[reportAssignmentType]  one below has its name

import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from notturno.errors import UserError
from notturno.files.chosen import Chosen
from notturno.files.tables import snippets_of
from notturno.nights.calendar import zone_info

if TYPE_CHECKING:
    from notturno.nights.waveform import Waveform
    from notturno.store import Store

TEXTS = {
    "jerk": "Jerk",
    "lm": "Limb movement",
    "posture": "Posture change",
    "rhythm": "Rhythmic movement",
    "awake": "Awake movement",
    "not_worn": "Band not worn",
    "gap": "Recording gap",
}
MARK, KEPT, GAP = "Button pressed", "Waveform kept", "No samples"


def write(folder: Path, store: Store, which: Chosen, signals: bool = False) -> dict[str, int]:
    """Write a file a recording; return {file: annotations}. Raises UserError without edfio."""
    try:
        import edfio
    except ImportError:
        raise UserError("EDF needs edfio; install it: pip install 'notturno[files]'.") from None
    written = {}
    for night in which.nights:
        sessions = store.sessions(night, which.device_id)
        for run, session in enumerate(sessions, 1):
            kept = []
            if signals:
                kept = [
                    found
                    for found in snippets_of(store, night, session["device_id"])
                    if _of(found[0], session) and found[1] is not None
                ]
            marks = annotations(store, night, session, kept)
            name = f"{night}_{session['device_id']}_run-{run}.edf"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # edfio warns of records that it fills up
                file = edfio.Edf(
                    _signals(edfio, session, kept),
                    recording=_recording(edfio, session),
                    starttime=_start(session).time(),
                    data_record_duration=1 if kept else None,
                    annotations=[edfio.EdfAnnotation(*mark) for mark in marks],
                )
                file.write(folder / name)
            written[name] = len(marks)
    return written


def annotations(store: Store, night: str, session: dict, kept: Any = ()) -> list[tuple]:
    """Return (onset_s, duration_s or None, text) of a recording, by onset.

    An event that does not count says so, and why.
    """
    marks: list[tuple] = [(0.0, None, _begins(session))]
    for event in store.events(night, session["device_id"]):
        if _of(event, session):
            text = str(TEXTS.get(event["kind"], event["kind"]))
            if event["left_out"]:
                text += f" (not counted: {event['left_out']})"
            marks.append((event["onset_s"] or 0.0, event["duration_s"], text))
    start = session["start_utc_ms"]
    if start is not None:
        here = (start, session["end_utc_ms"])
        for mark in store.marks(night, session["device_id"]):
            if here[0] <= mark["utc_ms"] <= here[1]:
                marks.append(((mark["utc_ms"] - start) / 1000, None, MARK))
        for gap in store.gaps(night, session["device_id"]):
            if here[0] <= gap["start_utc_ms"] < here[1]:
                text = f"{GAP} ({gap['reason']})"
                marks.append(((gap["start_utc_ms"] - start) / 1000, gap["duration_s"], text))
    for _, event, wave in kept:
        marks.append((_at_s(event, wave), len(wave.counts) / wave.rate_hz, KEPT))
    return sorted(marks, key=lambda mark: (mark[0], mark[2]))


def _of(row: dict, session: dict) -> bool:
    return (row["log_id"], row["session_seq"]) == (session["log_id"], session["seq"]) and (
        row["device_id"] == session["device_id"]
    )


def _at_s(event: dict, wave: Waveform) -> float:
    return max(event["onset_s"] + (wave.first_sample - event["onset_sample"]) / wave.rate_hz, 0.0)


def _start(session: dict) -> datetime:
    """Return the local start; where the clock is unknown, the date that EDF+ has for it."""
    if session["start_utc_ms"] is None:
        return datetime(1985, 1, 1)
    at = datetime.fromtimestamp(session["start_utc_ms"] / 1000, UTC)
    return at.astimezone(zone_info(session["zone"])).replace(tzinfo=None)


def _recording(edfio: ModuleType, session: dict):
    dated = session["start_utc_ms"] is not None
    kind = "notturno_simulated" if session["simulated"] else "notturno"
    return edfio.Recording(
        startdate=_start(session).date() if dated else None,
        equipment_code=f"{kind}_{session['device_id']}",
    )


def _begins(session: dict) -> str:
    """Return what the first annotation says: EDF has no field for a zone, or a clock's kind."""
    if session["start_utc_ms"] is None:
        return "Recording starts (time not known)"
    at = datetime.fromtimestamp(session["start_utc_ms"] / 1000, UTC)
    offset = at.astimezone(zone_info(session["zone"])).strftime("UTC%z")
    return f"Recording starts ({session['zone']}, {offset}, clock {session['clock']})"


def _signals(edfio: ModuleType, session: dict, kept: Any) -> list:
    if not kept:
        return []
    import numpy

    rate = round(session["odr_mhz"] / 1000)
    length = round((session["recorded_s"] + 1) * rate)
    ends = [round(_at_s(event, wave) * rate) + len(wave.counts) for _, event, wave in kept]
    length = -(-max(length, *ends) // rate) * rate
    counts = numpy.zeros((3, length), numpy.int16)
    for _, event, wave in kept:
        at = round(_at_s(event, wave) * rate)
        for i, xyz in enumerate(wave.counts):
            if xyz is not None:
                counts[:, at + i] = xyz
    mg = session["ug_per_lsb"] / 1000
    return [
        edfio.EdfSignal.from_digital(
            numpy.ascontiguousarray(counts[axis]),
            rate,
            label=f"acceleration {'xyz'[axis]}",
            transducer_type="MEMS accelerometer",
            physical_dimension="mg",
            physical_range=(_fitting(-32768 * mg), _fitting(32767 * mg)),
            digital_range=(-32768, 32767),
            prefiltering="0 where nothing was kept",
        )
        for axis in range(3)
    ]


def _fitting(value: float) -> float:
    """Return a number rounded as finely as the eight characters of the head's field take."""
    for digits in range(6, -1, -1):
        if len(f"{value:.{digits}f}") <= 8:
            return round(value, digits)
    return round(value)
