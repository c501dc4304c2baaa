"""Where each band was worn, and since when. Touches one database connection. Times UTC in ms."""

import sqlite3

ALWAYS = 0  # from_utc_ms of a placement that holds for all nights before the next


def placements(db: sqlite3.Connection, device_id: str) -> list[dict]:
    """Return where a band was worn: from_utc_ms (ALWAYS: from the first night), limb, side."""
    return [
        dict(row)
        for row in db.execute(
            "select from_utc_ms, limb, side from placements"
            " where device_id = ? and removed_utc_ms is null order by from_utc_ms, placement_id",
            (device_id,),
        )
    ]


def placement_at(places: list[dict], utc_ms: int | None) -> dict:
    """Return the limb and side of a moment, of `placements`; the first for an unknown moment."""
    held = {"limb": "", "side": ""}
    for i, place in enumerate(places):
        if i == 0 or (utc_ms is not None and place["from_utc_ms"] <= utc_ms):
            held = {"limb": place["limb"], "side": place["side"]}
    return held
