"""An export as a BIDS dataset of motion: for research that speaks it. https://bids.neuroimaging.io

A session is a night, a run a recording, a tracking system a band. A band keeps no raw samples all
night: what `motion.tsv` holds is what it kept of each minute (mean gravity, movement), at 1/60 Hz;
the events stand in `events.tsv`, on the same time axis. The participant is sub-01 without a name.
Writes into a folder that somebody else made.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from notturno import __version__
from notturno.files.chosen import Chosen, iso
from notturno.files.columns import EVENTS, INT
from notturno.files.tables import rows_of

if TYPE_CHECKING:
    from notturno.store import Store

BIDS_VERSION = "1.11.1"
SUBJECT, TASK = "sub-01", "sleep"
RATE_HZ = 1 / 60
# name, component, BIDS type, unit, cell of a minute
CHANNELS = (
    *(
        (f"gravity_{a}", a, "ACCEL", "mg", lambda m, i=i: m["gravity_mg"][i])
        for i, a in enumerate("xyz")
    ),
    ("activity", "n/a", "MISC", "mg", lambda m: m["activity_mg"]),
    ("temperature", "n/a", "MISC", "oC", lambda m: m["temperature_c"]),
)
LEFT_OUT_OF_EVENTS = ("night", "device_id", "onset_local", "onset_s", "duration_s", "kind")
README = """# Nights recorded by notturno

Movements of a sleeping limb, found by a band on the device itself. No raw samples are kept all
night: `*_motion.tsv` holds what the band kept of each minute (mean gravity, mean movement, the
chip's temperature), one row a minute, and `*_events.tsv` the events it found, with their onset
from the start of the same recording. `counts` says whether an event counts in the figures.

A limb sensor sees no EMG, no breathing and no stages of sleep. Nothing here was compared with a
sleep laboratory. Recordings of virtual bands say so in `*_motion.json`.
"""


def write(folder: Path, store: Store, which: Chosen) -> dict[str, int]:
    """Write the dataset; return {file of events: rows}."""
    _json(
        folder / "dataset_description.json",
        {
            "Name": "Nights recorded by notturno",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "Authors": ["the person who was recorded"],
            "GeneratedBy": [{"Name": "notturno", "Version": __version__}],
        },
    )
    (folder / "README.md").write_text(README, encoding="utf-8")
    (folder / ".bidsignore").write_text(".notturno-export\n")
    _tsv(folder / "participants.tsv", ["participant_id"], [[SUBJECT]])
    _json(folder / "participants.json", {"participant_id": {"Description": "no name is given"}})
    written = {}
    events = {}
    for row in rows_of(store, which, "events"):
        key = (row["device_id"], row["log_id"], row["session_seq"])
        events.setdefault(key, []).append(row)
    for night in which.nights:
        written |= _night(folder, store, which, night, events)
    return written


def _night(
    folder: Path,
    store: Store,
    which: Chosen,
    night: str,
    events: dict[tuple[str, int, int], list[dict]],
) -> dict[str, int]:
    session_name = "ses-" + re.sub(r"[^0-9A-Za-z]", "", night)
    place = folder / SUBJECT / session_name / "motion"
    place.mkdir(parents=True, exist_ok=True)
    names = {band["device_id"]: band for band in store.bands()}
    scans, written, runs = [], {}, {}
    for session in store.sessions(night, which.device_id):
        band = names[session["device_id"]]
        tracksys = re.sub(r"[^0-9A-Za-z]", "", band["name"]) or session["device_id"]
        run = runs[tracksys] = runs.get(tracksys, 0) + 1
        stem = f"{SUBJECT}_{session_name}_task-{TASK}"
        stem, tail = f"{stem}_tracksys-{tracksys}", f"run-{run:02}"
        minutes = [
            minute
            for minute in store.minutes(night, session["device_id"])
            if (minute["log_id"], minute["session_seq"]) == (session["log_id"], session["seq"])
        ]
        rows = minute_rows(session, minutes)
        _tsv(place / f"{stem}_{tail}_motion.tsv", None, rows)
        _json(place / f"{stem}_{tail}_motion.json", _sidecar(session, band, rows))
        point = " ".join(filter(None, (band["side"], band["limb"]))) or "limb"
        _tsv(
            place / f"{stem}_{tail}_channels.tsv",
            ["name", "component", "type", "tracked_point", "units"],
            [[name, axis, kind, point, unit] for name, axis, kind, unit, _ in CHANNELS],
        )
        found = events.get((session["device_id"], session["log_id"], session["seq"]), [])
        written |= _events(place / f"{stem}_{tail}_events", found)
        at = iso(session["start_utc_ms"], session["zone"])
        acquired = "n/a" if at is None else at[:19]  # local, without an offset, as BIDS has it
        scans.append([f"motion/{stem}_{tail}_motion.tsv", acquired])
    if scans:
        _tsv(place.parent / f"{SUBJECT}_{session_name}_scans.tsv", ["filename", "acq_time"], scans)
    return written


def minute_rows(session: dict, minutes: list[dict]) -> list[list]:
    """Return the rows of motion.tsv: one a minute from the start, n/a where none was kept."""
    at = {}
    for minute in minutes:
        at[max(round((minute["tick_ms"] - session["tick_ms"]) / 60_000) - 1, 0)] = minute
    empty = ["n/a"] * len(CHANNELS)
    return [
        [_told(cell(at[i])) for *_, cell in CHANNELS] if i in at else empty
        for i in range(max(at, default=0) + 1)
    ]


def _told(value: float | None) -> float | str:
    return "n/a" if value is None else value


def _sidecar(session: dict, band: dict, rows: list[list[float]]) -> dict:
    return {
        "TaskName": TASK,
        "TaskDescription": "The person sleeps at home, with a band on a limb.",
        "SamplingFrequency": RATE_HZ,
        "SamplingFrequencyEffective": RATE_HZ,
        "TrackingSystemName": band["name"] or session["device_id"],
        "Manufacturer": "notturno",
        "ManufacturersModelName": "virtual band" if session["simulated"] else "self-built band",
        "DeviceSerialNumber": session["device_id"],
        "SoftwareVersions": session["firmware"],
        "ACCELChannelCount": 3,
        "MiscChannelCount": len(CHANNELS) - 3,
        "MotionChannelCount": len(CHANNELS),
        "TrackedPointsCount": 1,
        "RecordingDuration": len(rows) / RATE_HZ,
        "RecordingType": "continuous",
        "MissingValues": "n/a",
        "SubjectArtefactDescription": "see the events not_worn, awake and gap",
    }


def _events(path: Path, found: list[dict]) -> dict[str, int]:
    fields = [field for field in EVENTS if field.name not in LEFT_OUT_OF_EVENTS]
    heads = ["onset", "duration", "trial_type", *(field.name for field in fields)]
    rows = [
        [row["onset_s"], row["duration_s"], row["kind"], *(row[f.name] for f in fields)]
        for row in found
    ]
    _tsv(path.with_suffix(".tsv"), heads, rows)
    described = {"trial_type": {"Description": "what was found: jerk, lm (limb movement), ..."}}
    for field in fields:
        described[field.name] = {"Description": field.meaning}
        if field.unit and field.type in (INT, "real"):
            described[field.name]["Units"] = field.unit
    _json(path.with_suffix(".json"), described)
    return {path.name + ".tsv": len(rows)}


def _tsv(path: Path, heads: list[str] | None, rows: list[list]) -> None:
    lines = [] if heads is None else [heads]
    text = "".join("\t".join(_cell(value) for value in row) + "\n" for row in (*lines, *rows))
    path.write_text(text, encoding="utf-8")


def _cell(value: float | str | None) -> str:
    if value is None or value == "":
        return "n/a"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return json.dumps(value)
    return re.sub(r"[\t\r\n]+", " ", str(value))


def _json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
