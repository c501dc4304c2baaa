"""What a stored night of one band is made of: its recordings, events, minutes, gaps, time in bed.

Touches one database connection, reading only. Every figure is made in `notturno.nights` and
`notturno.scoring`; here stands which rows they get.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from notturno.errors import Phrase
from notturno.nights import physics
from notturno.nights.axis import NightAxis, night_axis
from notturno.nights.calendar import zone_info
from notturno.nights.summary import Facts
from notturno.store import queries
from notturno.store.night_state import state_of_parts
from notturno.store.placements import placement_at, placements
from notturno.store.placing import boot_clock, sample_clock
from notturno.store.said import effective_edits, moments
from notturno.store.strap import last_before, up_until

if TYPE_CHECKING:
    from notturno.nights.clocks import BootClock

NOT_COUNTABLE = ("awake", "not_worn", "gap")  # kinds of events that take time off a night


def night_on_axis(
    db: sqlite3.Connection, night: str, device_id: str, events: list[dict] | None = None
) -> tuple[NightAxis, dict[str, list]]:
    """Return a stored night of one band on its axis, and its {events, minutes, gaps, marks}.

    events: the band's, where the caller has read them already. What a picture asks: nothing is
    judged of the night and none of its clocks is made again.
    """
    sessions, said, _ = _recordings(db, night, device_id)
    rows = _rows_of(db, night, device_id, events)
    bed = _in_bed(db, sessions, said)
    return night_axis(rows["events"], rows["minutes"], sessions, rows["gaps"], bed), rows


def night_on_axis_of(db: sqlite3.Connection, night: str, device_id: str, kind: str) -> NightAxis:
    """Return a stored night of one band on its axis, with the events of one kind that count.

    For what counts a kind by the hour over months of nights: of the others only those are read
    that say when nothing is countable, and of the minutes those in which the band was not worn.
    """
    sessions, said, _ = _recordings(db, night, device_id)
    events = queries.events(db, night, device_id, dict.fromkeys((kind, *NOT_COUNTABLE)))
    minutes = queries.minutes_about(db, night, device_id, "not_worn")
    gaps = queries.gaps(db, night, device_id)
    return night_axis(events, minutes, sessions, gaps, _in_bed(db, sessions, said))


def _recordings(
    db: sqlite3.Connection, night: str, device_id: str
) -> tuple[list[dict], dict, list[sqlite3.Row]]:
    """Return a night's recordings in the zone that holds, what a person said of it, their rows."""
    parts = db.execute(
        "select s.* from sessions s join logs using (log_key)"
        " where night = ? and device_id = ? order by start_utc_ms, log_key, seq",
        (night, device_id),
    ).fetchall()
    said = effective_edits(db, [(row["log_key"], row["seq"]) for row in parts])
    sessions = queries.sessions(db, night, device_id)
    if said.get("zone"):
        sessions = [session | {"zone": said["zone"]} for session in sessions]
    return sessions, said, parts


def _rows_of(
    db: sqlite3.Connection, night: str, device_id: str, events: list[dict] | None
) -> dict[str, list]:
    if events is None:
        events = queries.events(db, night, device_id, None)
    return {
        "events": events,
        "minutes": queries.minutes(db, night, device_id),
        "gaps": queries.gaps(db, night, device_id),
        "marks": queries.marks(db, night, device_id),
    }


def night_inputs(
    db: sqlite3.Connection, night: str, device_id: str, events: list[dict] | None = None
) -> tuple:
    """Return (sessions, {events, minutes, gaps, marks}, in-bed UTC pair, Facts) of a night.

    events: the band's, where the caller has read them already.
    """
    sessions, said, parts = _recordings(db, night, device_id)
    rows = _rows_of(db, night, device_id, events)
    bed = _in_bed(db, sessions, said)
    worn_as = placement_at(placements(db, device_id), sessions[0]["start_utc_ms"])
    named = db.execute("select name from bands where device_id = ?", (device_id,)).fetchone()
    its_state, why = state_of_parts(db, parts)
    clocks = [boot_clock(db, part, sample_clock(db, part)) for part in parts]
    believed = physics.judge(rows["minutes"], sessions)
    facts = Facts(
        night=night,
        date=None if sessions[0]["start_utc_ms"] is None else parts[0]["of_night"],
        name_rule=parts[0]["name_rule"] or "",
        band=named["name"] if named else None,
        side=worn_as["side"],
        limb=worn_as["limb"],
        state=its_state,
        state_reason=why,
        excluded=said.get("exclude"),
        warnings=(*believed.warnings, *_of_clocks(clocks)),
        implausible=believed.spoils,
        implausible_share=believed.share,
        battery_mv=_battery(db, parts[-1]),
        strap_check=_strap_check(db, device_id, sessions),
    )
    return sessions, rows, bed, facts


def _of_clocks(clocks: list[BootClock]) -> tuple[Phrase, ...]:
    """Return a sentence on settings of the clock that the others contradict."""
    wrong = {anchor for clock in clocks for anchor in clock.set_aside}
    if not wrong:
        return ()
    which = Phrase("One setting") if len(wrong) == 1 else Phrase("{n} settings", n=len(wrong))
    hosts = sorted({a.host_id for a in wrong if a.host_id})
    whose = Phrase("the computer that gave it")
    for i, host in enumerate(hosts):
        one = Phrase("computer {host:08x}", host=host)
        whose = Phrase("{one_said} and {other_said}", one_said=whose, other_said=one) if i else one
    return (
        Phrase(
            "{which_said} of the band's clock cannot be right beside the others and had no say; "
            "check the clock of {whose_said}.",
            which_said=which,
            whose_said=whose,
        ),
    )


def _strap_check(db: sqlite3.Connection, device_id: str, sessions: list[dict]) -> dict | None:
    ends = [session["end_utc_ms"] for session in sessions]
    return None if None in ends else last_before(db)(device_id, max(ends))


def _in_bed(
    db: sqlite3.Connection, sessions: list[dict], said: dict
) -> tuple[int | None, int | None]:
    starts = [s["start_utc_ms"] for s in sessions]
    if None in starts:
        return None, None
    zone = zone_info(sessions[0]["zone"])
    ends = max(s["end_utc_ms"] for s in sessions)
    bed, wake = moments(said["bed"], said["wake"], zone, min(starts), ends)
    if bed is None:
        up = up_until(db, sessions[0]["device_id"], min(starts), ends)
        bed = None if up is None else min(up, ends)
    return bed, wake


def _battery(db: sqlite3.Connection, last: sqlite3.Row) -> int:
    if last["end_battery_mv"] is not None:
        return last["end_battery_mv"]
    row = db.execute(
        "select battery_mv from minutes where log_key = ? and session_seq = ?"
        " order by seq desc limit 1",
        (last["log_key"], last["seq"]),
    ).fetchone()
    return row["battery_mv"] if row else last["battery_mv"]
