"""What must be true of the five syncs, judged outside the guest. Touches stores and flashes."""

from pathlib import Path

from notturno.store import Store
from notturno_core import wire

KINDS = ("first", "second", "by name", "after the killed", "two legs")
EXPECTED = ("first", "second", "by name", "killed", "after the killed", "two legs")


def frames_in_flash(flash: Path) -> list[bytes]:
    """Read the frames from the very files of a band's flash. Raises ValueError."""
    found = []
    for path in sorted((flash / "log").glob("log-*.bin")):
        data = path.read_bytes()
        at = 0
        while at < len(data):
            frame = wire.frame_at(data, at, len(data))
            if frame is None:
                raise ValueError(f"{path.name} holds no record at {at}")
            found.append(data[at : at + frame[3]])
            at += frame[3]
    return found


def stored(folder: Path) -> dict[str, list[bytes]]:
    """Return the frames in a data folder, by device id."""
    with Store.open(folder, create=False) as store:
        return {
            one["device_id"]: list(store.frames(one["device_id"], one["log_id"], 0, 1 << 32))
            for one in store.sessions()
        }


def faults_of_run(reports: dict[str, dict]) -> dict[str, list[str]]:
    """Return, by kind of sync, what is wrong with what the command did and said.

    reports: by kind, as five_syncs.py gives them.
    """
    faults = {kind: [] for kind in KINDS}
    for kind in KINDS:
        report = reports.get(kind)
        if report is None:
            faults[kind].append("it was not reached")
        elif report["code"] != 0 or report["said"] is None:
            faults[kind].append(f"exit code {report['code']}: {report['stderr'].strip()[-600:]}")
        else:
            said = report["said"]
            if report["stderr"].strip():
                faults[kind].append(f"it complained: {report['stderr'].strip()[-600:]}")
            faults[kind] += [f"warning: {text}" for text in said["warnings"]]
            faults[kind] += _faults_of_count(kind, said)
    killed, after = reports.get("killed"), (reports.get("after the killed") or {}).get("said")
    if killed and after:
        # In the middle: something was stored, and something was left to be fetched.
        if killed["code"] != -9 or not 0 < killed["stored"] < after["total_records"]:
            faults["after the killed"].append(
                f"the one before was not killed in the middle: code {killed['code']}, "
                f"{killed['stored']} records stored of {after['total_records']}"
            )
        if killed["stored"] + after["new_records"] != after["total_records"]:
            faults["after the killed"].append(f"{killed['stored']} + {after['new_records']} came")
    return faults


def _faults_of_count(kind, said):
    new, total, bands = said["new_records"], said["total_records"], len(said["bands"])
    if bands != (2 if kind == "two legs" else 1):
        return [f"{bands} bands"]
    if kind in ("second", "by name"):
        return [f"{new} new records"] if new else []
    if kind == "after the killed":
        return [] if 0 < new <= total else [f"{new} new records of {total}"]
    return [] if 0 < new == total else [f"{new} new records of {total}"]


def faults_of_stores(folders: Path, flashes: dict[str, Path]) -> dict[str, list[str]]:
    """Return, by kind of sync, where a store is not byte for byte the head of the band's flash.

    folders: holds the guest's data folders. flashes: by device id. Behind what was stored a flash
    may hold what the band has written since.
    """
    faults = {}
    for name, kind in (("one", "by name"), ("cut", "after the killed"), ("both", "two legs")):
        wrong = []
        found = stored(folders / name)
        if set(found) != (set(flashes) if name == "both" else {min(flashes)}):
            wrong.append(f"the store holds {sorted(found)}")
        for device, frames in found.items():
            written = frames_in_flash(flashes[device])
            if not frames or frames != written[: len(frames)]:
                wrong.append(f"{device}: {len(frames)} stored records are not the flash's")
        faults[kind] = wrong
    return faults
