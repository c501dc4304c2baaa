"""The bands: what people call them, where they are worn and since when, what they last said.

Touches one database connection. All times UTC in ms.
"""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from notturno_core import protocol, wire

from notturno.battery import battery_pct
from notturno.errors import UserError
from notturno.store.placements import ALWAYS, placement_at, placements
from notturno.store.queries import flag_names, is_simulated
from notturno.store.strap import last_before

STATE_NAMES = {
    wire.STATE_RECORDING: "recording",
    wire.STATE_DOCKED: "docked",
    wire.STATE_TIME_SET: "time_set",
    wire.STATE_LOG_FULL: "log_full",
}
SAID = (
    "next_seq",
    "first_seq",
    "state",
    "tick_ms",
    "boot_id",
    "battery_mv",
    "log_version",
)
SIDES = ("L", "R", "")


def now_utc_ms() -> int:
    """Return the time of this computer's clock."""
    return int(time.time() * 1000)


def note(db: sqlite3.Connection, log_key: int, band: dict, firmware: str, utc_ms: int) -> None:
    """Keep what a band says of itself (the fields SAID of wire.INFO_FIELDS) and when it did."""
    db.execute(
        f"update logs set {', '.join(f'{name} = ?' for name in SAID)},"
        " firmware = ?, seen_utc_ms = ? where log_key = ?",
        (*(band.get(name) for name in SAID), firmware, utc_ms, log_key),
    )


def all_bands(db: sqlite3.Connection) -> list[dict]:
    """Return one row a band, named ones first, by name and device id.

    Keys: device_id, name ("" without), limb, side ("L", "R", ""), note, placements, simulated,
    log_id, seen_utc_ms, firmware, battery_mv, battery_pct, state, state_names, next_seq,
    first_seq, records (stored here), waiting (on the band, not here), newest_utc_ms (of the newest
    stored record whose time is known), nights, strap_check (the last one, see strap.last_before).
    What was never said is None.
    """
    checked = last_before(db)
    named = {row["device_id"]: dict(row) for row in db.execute("select * from bands")}
    logs = {}
    for row in db.execute("select * from logs order by coalesce(seen_utc_ms, 0), log_key"):
        logs[row["device_id"]] = row  # a wiped band has several: the last one seen
    found = []
    for device_id in {*named, *logs}:
        known, log = named.get(device_id, {}), logs.get(device_id)
        where = placements(db, device_id)
        last = where[-1] if where else {"limb": "", "side": ""}
        found.append(
            {
                "device_id": device_id,
                "name": known.get("name", ""),
                "limb": last["limb"],
                "side": last["side"],
                "note": known.get("note", ""),
                "placements": where,
                "simulated": is_simulated(device_id),
                "strap_check": checked(device_id),
            }
            | _last_word(db, device_id, log)
        )
    return sorted(found, key=lambda band: (not band["name"], band["name"], band["device_id"]))


def _last_word(db: sqlite3.Connection, device_id: str, log: sqlite3.Row | None) -> dict:
    names = ("log_id", "seen_utc_ms", "firmware", *SAID, "records")
    said: dict = dict.fromkeys(names) if log is None else {name: log[name] for name in names}
    state = said["state"]
    stored = None
    if log is not None:
        stored = db.execute(
            "select max(seq) + 1 as next from records where log_key = ?", (log["log_key"],)
        ).fetchone()["next"]
    said["state_names"] = None if state is None else flag_names(state, STATE_NAMES)
    said["battery_pct"] = battery_pct(said["battery_mv"])
    said["waiting"] = None
    if said["next_seq"] is not None:
        said["waiting"] = max(said["next_seq"] - max(stored or 0, said["first_seq"]), 0)
    seen = db.execute(
        "select max(end_utc_ms) as newest_utc_ms, count(distinct of_night) as nights"
        " from sessions where log_key in (select log_key from logs where device_id = ?)",
        (device_id,),
    ).fetchone()
    said |= dict(seen)
    said["records"] = db.execute(
        "select coalesce(sum(records), 0) from logs where device_id = ?", (device_id,)
    ).fetchone()[0]
    del said["tick_ms"], said["boot_id"]
    return said


def bands_as_named(db: sqlite3.Connection) -> Callable[..., dict[str, Any]]:
    """Return a function(device_id, utc_ms) to {band, person_side, limb}, as named now."""
    names = {row["device_id"]: row["name"] for row in db.execute("select * from bands")}
    where: dict = {}

    def told(device_id: str, utc_ms: int | None) -> dict[str, str]:
        if device_id not in where:
            where[device_id] = placements(db, device_id)
        place = placement_at(where[device_id], utc_ms)
        return {
            "band": names.get(device_id, device_id),
            "person_side": place["side"],
            "limb": place["limb"],
        }

    return told


def meant(known: dict[str, str], said: str) -> str | None:
    """Return the device id of a band, by its id, its name, its name on the air, or a beginning.

    known: {device id: name, or ""}. A beginning is one of exactly one id. None: none of them.
    Raises UserError where several are meant, and says which there are.
    """
    text = said.strip()
    if not text:
        return None
    found = [key for key, name in known.items() if text == name or text.lower() == key]
    found = found or [key for key in known if _on_the_air(key) == text.lower()]
    found = found or [key for key in known if key.startswith(text.lower())]
    if len(found) > 1:
        raise UserError(
            "{said} may be one of several bands; they are: {words}.",
            said=said,
            words=listed(known),
        )
    return found[0] if found else None


def _on_the_air(device_id: str) -> str:
    try:
        return protocol.name_of(bytes.fromhex(device_id)).lower()
    except ValueError:  # an import may have brought an id that is none
        return ""


def listed(known: dict[str, str]) -> str:
    """Return bands (device id: name, or "") in a list for a sentence."""
    return ", ".join(f"{key} ({name})" if name else key for key, name in sorted(known.items()))


def one_meant(known: dict[str, str], said: str) -> str:
    """Return what `meant` does; raises UserError where it is none, and says which there are."""
    device_id = meant(known, said)
    if device_id is not None:
        return device_id
    if known:
        raise UserError(
            "There is no band {said}; the bands are: {words}.", said=said, words=listed(known)
        )
    raise UserError(
        "There is no band {said}: none was ever synced; run notturno sync first.", said=said
    )


def device_of(db: sqlite3.Connection, said: str) -> str:
    """Return the device id of a band of the logbook: see `one_meant`."""
    return one_meant({row["device_id"]: row["name"] for row in all_bands(db)}, said)


def name_band(
    db: sqlite3.Connection,
    said: str,
    name: str,
    limb: str | None = None,
    side: str | None = None,
    from_utc_ms: int | None = None,
    utc_ms: int | None = None,
) -> str:
    """Name a band (see `device_of`) and say where it is worn; return its device id.

    limb, side: None leaves what was. from_utc_ms: from when the placement holds; None: the first
    one always, a change from now on; ALWAYS: it was never otherwise. Raises UserError for a name
    that is another band's, or could be taken for an id.
    """
    utc_ms = now_utc_ms() if utc_ms is None else utc_ms
    device_id, name = device_of(db, said), name.strip()
    _check_name(db, device_id, name)
    if side is not None and side not in SIDES:
        raise UserError("{side} is no side; give L or R.", side=side)
    db.execute(
        "insert into bands (device_id, name, made_utc_ms) values (?, ?, ?)"
        " on conflict (device_id) do update set name = excluded.name",
        (device_id, name, utc_ms),
    )
    places = placements(db, device_id)
    since = (utc_ms if places else ALWAYS) if from_utc_ms is None else from_utc_ms
    before = placement_at(places, since) if places else {"limb": "", "side": ""}
    wanted = {
        "limb": before["limb"] if limb is None else limb.strip(),
        "side": before["side"] if side is None else side,
    }
    if wanted == before and (places or not any(wanted.values())) and from_utc_ms is None:
        return device_id
    db.execute(  # what was said of a later time, or of just this one, no longer stands
        "update placements set removed_utc_ms = ?"
        " where device_id = ? and from_utc_ms >= ? and removed_utc_ms is null",
        (utc_ms, device_id, since),
    )
    db.execute(
        "insert into placements (device_id, from_utc_ms, limb, side, made_utc_ms)"
        " values (?, ?, ?, ?, ?)",
        (device_id, since, wanted["limb"], wanted["side"], utc_ms),
    )
    return device_id


def _check_name(db: sqlite3.Connection, device_id: str, name: str) -> None:
    if not name or not name.isprintable():
        raise UserError("A band needs a name that can be read, for example: calf-left.")
    others = {row["device_id"]: row["name"] for row in all_bands(db)}
    del others[device_id]
    for other, taken in others.items():
        if name == taken:
            raise UserError(
                "{name} is the name of the band {other} already; choose another.",
                name=name,
                other=other,
            )
        if other.startswith(name.lower()):
            raise UserError(
                "{name} could be taken for the band {other}; choose another name.",
                name=name,
                other=other,
            )
