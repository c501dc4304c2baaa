"""The page of the bands: battery, firmware, key, clock, last test of itself, and sync now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno_core import checks as codes
from starlette.responses import JSONResponse, RedirectResponse

from notturno import checks
from notturno.battery import battery_text
from notturno.dashboard import pages
from notturno.dashboard.say import _, moment, n_, num, said
from notturno.errors import UserError
from notturno.keys import KeyRing
from notturno.nights.calendar import local_zone_name
from notturno.store import bands as stored
from notturno.words import age_text

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked
    from notturno.words.written import Written


def page(asked: Asked) -> str:
    """Return the page."""
    with asked.reading() as store:
        rows = store.bands()
        for row in rows:
            row["check"] = _check(store.last_check(row["device_id"]))
            complaints = store.complaints(row["device_id"])
            row["complaints"] = [said(checks.complaint_text(one)) for one in complaints]
            row["last"] = next(iter(store.nights(last=1, device_id=row["device_id"])), None)
    zone, now_ms = local_zone_name(), stored.now_utc_ms()
    ring = KeyRing(asked.folder)
    for row in rows:
        _in_words(row, zone, now_ms, _key(ring, row["device_id"]))
    return pages.page(
        asked,
        "bands.html",
        _("Bands"),
        bands=rows,
        state=asked.runner.state(asked),
        sides=stored.SIDES,
    )


def _check(found) -> str:
    if found is None:
        return ""
    passed = found["verdict"] == codes.PASS
    return _("passed") if passed else said(checks.sentence(found["verdict"]))


def _key(ring: KeyRing, device_id: str) -> Written | str:
    try:
        return _("here") if ring.get(device_id) is not None else _("not here: it cannot be synced")
    except UserError as error:
        return said(error)


def _in_words(row: dict, zone: str, now_ms: int, key: Written | str) -> None:
    newest, last = row["newest_utc_ms"], row["last"]
    sides = {"L": _("left"), "R": _("right"), "": ""}
    row["place"] = ", ".join(filter(None, (row["limb"], sides[row["side"]])))
    row["seen"] = moment(row["seen_utc_ms"], zone)
    row["newest"] = moment(newest, zone)
    row["age"] = "" if newest is None else age_text(max((now_ms - newest) / 1000, 0))
    row["battery"] = battery_text(row["battery_mv"] or (last and last["battery_mv"]))
    row["firmware"] = row["firmware"] or (last and last["firmware"])
    row["key"] = key
    row["clock"] = "" if last is None else _clock(last)
    n = row["waiting"] or 0
    row["waits"] = (
        n_("{n} record waits on it", "{n} records wait on it", n).format(n=n) if n else ""
    )


def _clock(row: dict) -> str:
    if row["clock"] == "unknown":
        return _("was not set in its last night")
    error = num((row["clock_error_ms"] or 0) / 1000, 0)
    if row["clock"] == "estimated":
        return _("set once in its last night: right to {s} s").format(s=error)
    return _("right to {s} s in its last night").format(s=error)


def name(asked: Asked) -> RedirectResponse:
    """Name a band and say where it is worn."""
    form = asked.form
    side = form.get("side", "")
    if side not in stored.SIDES:
        raise UserError("A side is left, right, or nothing.")
    with asked.writing() as store:
        store.name_band(form.get("band", ""), form.get("name", ""), form.get("limb", ""), side)
    return RedirectResponse(asked.to("bands"), status_code=303)


def sync(asked: Asked) -> JSONResponse | RedirectResponse:
    """Begin to sync, where nothing is being synced; the page tells how it goes."""
    asked.runner.begin(asked)
    if asked.form.get("json"):
        return JSONResponse(asked.runner.state(asked))
    return RedirectResponse(asked.to("bands"), status_code=303)


def progress(asked: Asked) -> JSONResponse:
    """Return how the sync goes, as JSON for the page that is open."""
    return JSONResponse(asked.runner.state(asked))
