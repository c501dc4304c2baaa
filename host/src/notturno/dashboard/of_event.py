"""One event: its facts, why it was named so, its waveform where the band kept one, its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno_core import wire
from starlette.responses import JSONResponse, RedirectResponse

from notturno.charts import waveform as drawn
from notturno.charts.night import kind_text
from notturno.dashboard import pages
from notturno.dashboard.of_night import KINDS, known_night, label_text
from notturno.dashboard.say import _, n_, num, said, time_of
from notturno.errors import UserError
from notturno.nights import waveform
from notturno.nights.counts import WORDS
from notturno.views.events import numbered, one
from notturno.views.night import band_view

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked

LABELS = ("me", "not_me", "awake")


def why_named(event: dict) -> list[str]:
    """Return why an event bears its name and what keeps it out, as sentences."""
    kinds = {
        "jerk": _("A jerk: short and sharp, and over within a fraction of a second."),
        "lm": _(
            "A limb movement: longer than a jerk, as the published rules for periodic limb "
            "movements take it."
        ),
        "rhythm": _("A rhythm: several strokes at an even pace, counted as one."),
        "posture": _("A turn: gravity lies otherwise afterwards than before."),
        "awake": _("A span of movement that goes on: taken for being awake."),
        "not_worn": _("The band lay still as no limb does: taken for not worn."),
        "gap": _("There are no samples here."),
    }
    found = [kinds[event["kind"]]] if event["kind"] in kinds else []
    if event["kind_band"] != event["kind"]:
        said_as = _("The band itself had called it: {kind}.")
        found.append(said_as.format(kind=kind_text(event["kind_band"])))
    flags = {
        "clipped": _("It reached the sensor's full scale: it was stronger than it says."),
        "after_gap": _("It is the first one behind a gap."),
        "clonic_band": _("It beats at 3 to 8 times a second."),
        "large": _("It is among the strong ones."),
        "no_morphology": _("It never kept moving for long enough to be sure of its shape."),
        "provisional": _("Its name was not final when the band told of it."),
    }
    found += [flags[name] for name in event["flag_names"] if name in flags]
    if event["kind"] in KINDS:
        if event["left_out"] is None:
            found.append(_("It counts."))
        else:
            text = _("It does not count: {why}.")
            found.append(text.format(why=_(WORDS[event["left_out"]])))
    return found


def facts(event: dict) -> list[tuple[str, str]]:
    """Return (words, value with unit) of what was measured of an event."""
    found = [
        (_("lasts"), f"{num(event['duration_s'], 2)} s"),
        (_("peak"), f"{event['peak_mg']} mg"),
        (_("confidence"), f"{event['confidence_pct']} %"),
    ]
    if event["kind"] in KINDS:
        found += [
            (_("sharpness"), f"{num(float(event['peak_jerk_mg_per_s']), 0)} mg/s"),
            (_("noise of the minute"), f"{num(event['floor_mg'], 1)} mg"),
        ]
    if event["rhythm_hz"]:
        beats = n_("{hz} Hz, {n} beat", "{hz} Hz, {n} beats", event["beats"])
        found.append((_("pace"), beats.format(hz=num(event["rhythm_hz"]), n=event["beats"])))
    more = (
        ("quick_peak_mg", _("peak of what is quick"), "mg"),
        ("slow_peak_mg", _("peak of what is slow"), "mg"),
        ("effective_ms", _("effective length"), "ms"),
        ("morph_ms", _("moving, of any half second"), "ms"),
        ("later_pct", _("energy after its first half second"), "%"),
        ("bursts", _("bursts"), ""),
        ("cycles", _("swings"), ""),
    )
    for key, words, unit in more:
        if event[key]:
            found.append((words, f"{event[key]} {unit}".strip()))
    return found


def page(asked: Asked) -> str:
    """Return the page of one event (`part=1`: what a page that is open puts into itself)."""
    with asked.reading() as store:
        night = known_night(store, asked.path["night"])
        events = numbered(store, night)
        event = one(events, asked.path["no"])
        row = store.nights(night=night, device_id=event["device_id"])[0]
        mine = [each for each in events if each["device_id"] == event["device_id"]]
        view = band_view(store, row, mine)
    placed = next(each for each in view["events"] if each["no"] == event["no"])
    when = time_of(placed, row["zone"] if view["dated"] else None)
    title = _("Event {no}: {kind}, {when}").format(
        no=event["no"], kind=kind_text(event["kind"]), when=when
    )
    numbers = [each["no"] for each in events]
    at = numbers.index(event["no"])
    return pages.page(
        asked,
        "event_part.html" if asked.query.get("part") else "event.html",
        title,
        night=night,
        no=event["no"],
        band=row["band"],
        facts=facts(event),
        why=why_named(event),
        label=event["label"] or "",
        labels=[(name, label_text(name)) for name in LABELS],
        before=numbers[at - 1] if at else None,
        after=numbers[at + 1] if at + 1 < len(numbers) else None,
        **_waveform(event, title),
    )


def _waveform(event: dict, title: str) -> dict:
    snippet = event["waveform"]
    if snippet is None:
        return {"picture": None, "kept": ""}
    try:
        found = waveform.of_snippet(snippet)
    except wire.WireError as error:
        text = _("Its waveform cannot be read: {why}.").format(why=said(error))
        return {"picture": None, "kept": text}
    end = event["onset_sample"] + event["duration_samples"]
    lasts = num(len(found.counts) / found.rate_hz, 2)
    why = ", ".join(_(each) for each in snippet["why"]) or _("asked for")
    kept = _("Kept as {why}: {lasts} s at {rate} Hz.").format(
        why=why, lasts=lasts, rate=num(found.rate_hz)
    )
    return {"picture": drawn.figure(found, event["onset_sample"], end, title), "kept": kept}


def label(asked: Asked) -> JSONResponse | RedirectResponse:
    """Keep what a person says of an event; "" takes it back. JSON for a page that is open."""
    word = asked.form.get("label", "")
    if word not in ("", *LABELS):
        raise UserError("Say of an event: me, not me, or was awake.")
    with asked.writing() as store:
        night = known_night(store, asked.path["night"])
        event = one(numbered(store, night), asked.path["no"])
        store.label(event["device_id"], event["log_id"], event["seq"], word or None)
    if asked.form.get("json"):
        return JSONResponse({"no": event["no"], "label": word, "words": label_text(word)})
    where = asked.to("night", night, "event", str(event["no"]))
    return RedirectResponse(where, status_code=303)
