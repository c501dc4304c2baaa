"""What people say: the diary with its stimuli, and the corrections of nights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from notturno.dashboard import pages
from notturno.dashboard.of_night import known_night
from notturno.dashboard.say import _, moment, num
from notturno.errors import UserError
from notturno.knowledge import offered
from notturno.nights.calendar import local_zone_name, zone_info
from notturno.store import Store, edits, stimuli
from notturno.store.dates import clock_time, zone_name
from notturno.store.diary import checked

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked

MOST_ENTRIES = 150
MOST_NIGHTS = 90
UNITS = ("mg", "cups", "glasses", "hours", "0-10")


def _newest(names: list[str]) -> str:
    dated = [name for name in names if "-nap" not in name and not name.startswith("undated")]
    return dated[-1] if dated else ""


def diary(asked: Asked) -> str:
    """Return the page of the diary, newest night first."""
    with asked.reading() as store:
        entries = store.diary()
        names = store.night_names()
        lists = store.stimuli()
    sources: dict = {}
    for each in lists:
        key = each["night"], each["source"]
        sources[key] = sources.get(key, 0) + 1
    exposures = [(one.code, _(one.name)) for one in offered()]
    own = sorted({entry["what"] for entry in entries} - {code for code, _name in exposures})
    shown = entries[::-1][:MOST_ENTRIES]
    for entry in shown:
        entry["amount_text"] = f"{_amount(entry['amount'])} {entry['unit']}".strip()
    return pages.page(
        asked,
        "diary.html",
        _("Diary"),
        entries=shown,
        count=len(entries),
        newest=_newest(names),
        nights=[name for name in names if "-nap" not in name][::-1][:MOST_NIGHTS],
        exposures=exposures,
        own=own,
        units=UNITS,
        stimuli=[(night, source, n) for (night, source), n in sorted(sources.items())],
    )


def _amount(amount: float) -> str:
    """Return an amount with no more digits than it has."""
    if amount is None:
        return ""
    _whole, _point, decimals = f"{amount:g}".partition(".")
    return num(float(amount), len(decimals) if decimals.isdigit() else 0)


def add_entry(asked: Asked) -> RedirectResponse:
    """Keep an entry."""
    form = asked.form
    names = ("night", "what", "amount", "unit", "at", "note")
    entry = checked(*(form.get(name, "") for name in names))
    with asked.writing() as store:
        store.add_diary(entry)
    return RedirectResponse(asked.to("diary"), status_code=303)


def remove_entry(asked: Asked) -> RedirectResponse:
    """Remove the entry of a number."""
    number = asked.form.get("entry", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise UserError("Say which entry to remove.")
    with asked.writing() as store:
        store.remove_diary(int(number))
    return RedirectResponse(asked.to("diary"), status_code=303)


def add_stimuli(asked: Asked) -> RedirectResponse:
    """Keep a list of stimuli, pasted as CSV, for a night."""
    form = asked.form
    with asked.writing() as store:
        night = known_night(store, form.get("night", ""))
        row = store.nights(night=night)[0]
        text = form.get("list", "")
        rows = stimuli.read_csv(text, zone_info(row["zone"]), row["start_utc_ms"])
        if not rows:
            raise UserError("The list is empty: paste a header line and one line a stimulus.")
        store.keep_stimuli(night, form.get("name", "").strip() or "dashboard", rows)
    return RedirectResponse(asked.to("diary"), status_code=303)


def corrections(asked: Asked) -> str:
    """Return the page of the corrections; ?night chooses one."""
    with asked.reading() as store:
        names = store.night_names()
        night = asked.query.get("night") or _newest(names) or (names[-1] if names else "")
        if not night:
            return pages.page(asked, "empty.html", _("No night is stored yet"))
        known_night(store, night)
        holds = store.edits_in_force(night, None)
        rows = store.edits()
        nights = store.nights(night=night)
        bands = {row["device_id"]: row["name"] or row["device_id"] for row in store.bands()}
    zone = local_zone_name()
    for row in rows:
        row["made"] = moment(row["made_utc_ms"], zone)
        row["band"] = bands.get(row["device_id"], row["device_id"])
        row["said"] = _said(row)
    offered_nights = list(dict.fromkeys([night, *names[::-1][:MOST_NIGHTS]]))
    return pages.page(
        asked,
        "corrections.html",
        _("Corrections"),
        night=night,
        nights=pages.choices([(name, name) for name in offered_nights], night),
        bands=[(row["device_id"], row["band"]) for row in nights],
        holds=holds,
        zone=nights[0]["zone"],
        edits=rows[::-1],
    )


def _said(row: dict) -> str:
    names = {"zone": _("zone"), "bed": _("to bed"), "wake": _("up")}
    texts = [f"{words} {row[name]}" for name, words in names.items() if row[name] is not None]
    if row["exclude"]:
        texts.append(_("left out: {reason}").format(reason=row["exclude"]))
    elif row["exclude"] is not None:
        texts.append(_("taken in again"))
    return ", ".join(texts)


def correct(asked: Asked) -> RedirectResponse:
    """Keep a correction of a night; nothing recorded is changed."""
    form = {key: value.strip() for key, value in asked.form.items()}
    said = {
        "zone": zone_name(form["zone"]) if form.get("zone") else None,
        "bed": clock_time(form["bed"]) if form.get("bed") else None,
        "wake": clock_time(form["wake"]) if form.get("wake") else None,
        "exclude": form.get("exclude") or None,
    }
    if form.get("include"):
        if said["exclude"]:
            raise UserError("Leave the night out, or take it in again, not both.")
        said["exclude"] = edits.INCLUDED
    said = {name: text for name, text in said.items() if text is not None}
    if not said:
        raise UserError("Say what to correct: bed or wake time, zone, or why to leave it out.")
    with asked.writing() as store:
        night = known_night(store, form.get("night", ""))
        night = store.edit(night, _band(store, night, form), said)
    return RedirectResponse(asked.to("corrections", night=night), status_code=303)


def undo(asked: Asked) -> RedirectResponse:
    """Take the last correction of a night back."""
    with asked.writing() as store:
        night = known_night(store, asked.form.get("night", ""))
        undone = store.undo_edit(night, _band(store, night, asked.form))
        night = store.night_of_edit(undone["edit_id"])
    return RedirectResponse(asked.to("corrections", night=night), status_code=303)


def _band(store: Store, night: str, form: dict[str, str]):
    """Return the device id chosen, None for all bands of the night."""
    given = form.get("band") or None
    if given is not None and given not in {row["device_id"] for row in store.nights(night=night)}:
        raise UserError("This band did not record that night.")
    return given
