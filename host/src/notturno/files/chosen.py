"""Which nights an export is of, and the moments and axes of a row as its cells.

Reads a store that somebody else opened; touches nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from notturno.nights.calendar import zone_info

if TYPE_CHECKING:
    from notturno.store import Store


class Chosen(NamedTuple):
    """What is exported: the names of the nights and naps, in order, and of which band (None: all).

    whole: nothing was left out by choosing.
    """

    nights: list
    device_id: str | None = None
    whole: bool = True


def chosen(
    store: Store,
    night: str | None = None,
    last: int | None = None,
    since: str | None = None,
    until: str | None = None,
    device_id: str | None = None,
) -> Chosen:
    """Return which nights are meant, with their naps; `night` alone may also be a nap."""
    whole = all(asked is None for asked in (night, last, since, until, device_id))
    if night is not None:
        return Chosen([night], device_id, False)
    rows = store.nights(last=last, since=since, until=until, device_id=device_id)
    names = []
    for row in rows:
        names += [row["night"], *(nap["night"] for nap in row["naps"])]
    return Chosen(list(dict.fromkeys(names)), device_id, whole)


def iso(utc_ms: float | None, zone: str) -> str | None:
    """Return a moment as ISO 8601 to the ms, by the clock of a zone, with its offset."""
    if utc_ms is None:
        return None
    at = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone_info(zone))
    return at.isoformat(timespec="milliseconds")


def zones_of(store: Store, which: Chosen) -> dict[tuple[str, str], str]:
    """Return {(night, device): zone} of the chosen nights."""
    found = {}
    for night in which.nights:
        for row in store.nights(night=night, device_id=which.device_id):
            found[night, row["device_id"]] = row["zone"]
    return found


def zone_of(zones: dict[tuple[str, str], str], row: dict) -> str:
    """Return the zone of a row's night and band; UTC where none is known."""
    return zones.get((row["night"], row["device_id"]), "UTC")


def times(row: dict, zone: str, **named: str) -> dict:
    """Return the local and the UTC columns of named moments of a row."""
    found = {}
    for name, key in named.items():
        found |= {f"{name}_local": iso(row[key], zone), f"{name}_utc_ms": row[key]}
    return found


def axes(row: dict, *names: str) -> dict[str, float]:
    """Return the columns x, y and z of named vectors of a row."""
    return {
        f"{name}_{axis}": value
        for name in names
        for axis, value in zip("xyz", row[name], strict=True)
    }
