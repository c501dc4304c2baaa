"""The command `show`: the events of one night, each with what it counts as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    check_dates,
    data_dir_option,
    json_option,
    night_argument_and_option,
    nights_options,
    open_for_reading,
    which_night,
)
from notturno.cli.words import FOOTER, clock_text, print_json, print_table
from notturno.errors import UserError
from notturno.nights.counts import WORDS
from notturno.nights.state import to_tell
from notturno.words import _, counted, duration_text, figure, rates_text, reason_of, said

if TYPE_CHECKING:
    from notturno.store import Store

SCHEMA = "show-1"
SCHEMA_OF_SEVERAL = "shows-1"
# Column of a night -> the noun of what it counts.
LEFT_OUT = {
    "jerks_left_out": ("jerk",),
    "lms_left_out": ("limb movement",),
    "rhythms_left_out": ("rhythm",),
}
OTHERS = {"rhythms": ("rhythm",), "postures": ("turn",), "gaps": ("gap",)}


@click.command(context_settings=HELP_NAMES)
@night_argument_and_option
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only jerk, lm, rhythm ...")
@click.option("--from", "from_text", metavar="HH:MM", help="Only from this time of the night on.")
@click.option("--to", "to_text", metavar="HH:MM", help="Only before this time.")
@nights_options
@click.option("--event", "no", type=int, metavar="N", help="Draw the waveform of event N.")
@click.option("--out", metavar="FILE.svg", help="With --event: draw it into this file.")
@json_option
@data_dir_option
def command(
    night: str | None,
    kinds: tuple[str, ...],
    from_text: str | None,
    to_text: str | None,
    last: int,
    since: str,
    until: str,
    band: str | None,
    no: int | None,
    out: str | None,
    as_json: bool,
    folder: str | None,
) -> None:
    """Print the events of one NIGHT (date of its evening; otherwise the latest), or of several.

    Several by --last N, --since and --until; no NIGHT is named then.
    Of some of them the band kept the waveform: --event N draws it, N as in the list.
    """
    from notturno_core import wire

    for kind in kinds:
        if kind not in wire.EVENT_NAMES.values():
            known = ", ".join(wire.EVENT_NAMES.values())
            raise UserError(
                "There is no kind of event {kind}; the kinds are: {known}.", kind=kind, known=known
            )
    if out is not None and no is None:
        raise UserError("--out is for the drawing of one event; say which with --event N.")
    several = bool(last or since or until)
    if several and (night is not None or no is not None):
        raise UserError("One night is named, or one event, and several nights; say which.")
    since, until = check_dates(since, until)
    with open_for_reading(folder) as store:
        device = None if band is None else store.band_id(band)
        if several:
            rows = store.nights(last=last, since=since, until=until, device_id=device)
            nights = list(dict.fromkeys(row["night"] for row in rows))
        else:
            nights = [name for name in [which_night(store, night)] if name is not None]
        found = [_found(store, name, device) for name in nights]
    if no is not None:
        from notturno.cli.show_event import show_event

        only = found[0] if found else _NOTHING
        show_event(only["events"], no, _zones(only), out, as_json)
        return
    for one in found:
        one["events"] = [
            event | {"waveform": event["waveform"] is not None}
            for event in one["events"]
            if not kinds or event["kind"] in kinds
        ]
        one["events"] = _between(one, from_text, to_text)
    if as_json:
        told = [{"night": one} | each for one, each in zip(nights, found, strict=True)]
        if several:
            print_json({"schema": SCHEMA_OF_SEVERAL, "nights": told, "note": FOOTER})
        else:
            one = told[0] if told else {"night": None} | _NOTHING
            print_json({"schema": SCHEMA} | one | {"note": FOOTER})
        return
    if not found:
        click.echo(_("No night is stored there.") if several else _(NOTHING_YET))
        return
    for one in found:
        _print_night(one, kinds or from_text or to_text)
        click.echo()
    click.echo(_(FOOTER))


_NOTHING: dict = {"summary": [], "person": [], "events": [], "gaps": [], "marks": []}


def _found(store: Store, night: str, device: Any) -> dict[str, list[dict]]:
    from notturno.views.events import numbered

    return {
        "summary": store.nights(night=night, device_id=device),
        "person": store.person_nights([night]) if device is None else [],
        "events": numbered(store, night, device),
        "gaps": store.gaps(night, device),
        "marks": store.marks(night, device),
    }


def _print_night(found: dict[str, list[dict]], asked) -> None:
    for row in (*found["summary"], *found["person"]):
        print_summary(row)
    print_events(found)
    if not found["events"]:
        click.echo()
        click.echo(
            _("No event is as asked for.") if asked else _("There is no event in this night.")
        )


def _zones(found: dict[str, list[dict]]) -> dict[str, str]:
    return {row["device_id"]: row["zone"] for row in found["summary"]}


def _between(
    found: dict[str, list[dict]], from_text: str | None, to_text: str | None
) -> list[dict]:
    """Return the events from one local time to another, of each band by its own zone."""
    from notturno.nights.calendar import nearest_local_ms

    if from_text is None and to_text is None:
        return found["events"]
    bounds = {}
    for row in found["summary"]:
        if row["start_utc_ms"] is None:
            raise UserError("The clock of this night is unknown; leave --from and --to out.")
        middle_ms = (row["start_utc_ms"] + row["end_utc_ms"]) // 2
        bounds[row["device_id"]] = [
            None if text is None else nearest_local_ms(_time(text), middle_ms, row["zone"])
            for text in (from_text, to_text)
        ]
    kept = []
    for event in found["events"]:
        low, high = bounds[event["device_id"]]
        at = event["onset_utc_ms"]
        if (low is None or at >= low) and (high is None or at < high):
            kept.append(event)
    return kept


def _time(text: str) -> str:
    import re

    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        raise UserError("{text} is no time of day; write it as 02:30.", text=text)
    return text


def print_summary(row: dict) -> None:
    """Print the lines that stand above a night's events."""
    label = _("simulated ") if row["simulated"] else ""
    side = {"L": _("band {}, left"), "R": _("band {}, right"), "": _("band {}")}
    who = side.get(row["person_side"], "{}").format(_(row["band"]))
    click.echo(
        _("Night {night}, {label}{who}, zone {zone}").format(
            night=row["night"], label=label, who=who, zone=row["zone"]
        )
    )
    if row["countable_h"] is None:
        click.echo(reason_of(row, "countable_h"))
        return
    click.echo(
        _(
            "recorded {recorded_h:.1f} h, worn {worn_h:.1f} h, counted in "
            "{countable_h:.1f} h; {rates}"
        ).format(
            recorded_h=row["recorded_h"],
            worn_h=row["worn_h"],
            countable_h=row["countable_h"],
            rates=rates_text(row),
        )
    )
    click.echo(
        ", ".join(counted(row[k], *noun) for k, noun in OTHERS.items() if row[k] is not None)
    )
    for key, noun in LEFT_OUT.items():
        for words, count in _by_words(row[key]).items():
            click.echo(
                _("  not counted: {counted} {words}").format(
                    counted=counted(count, *noun), words=_(words)
                )
            )
    if row["state"] != "complete" and row["excluded"] is not None:  # else the refusal says so
        click.echo(f"{_(row['state'])}: {said(row['state_reason'])}")
    for sentence in to_tell(row):
        click.echo(said(sentence))
    if row["clock"] == "unknown":
        click.echo(_("The band's clock was not set: the times of this night are unknown."))
    elif row["clock_error_ms"] and row["clock_error_ms"] > 1000:
        error_s = row["clock_error_ms"] / 1000
        off = f"{error_s:.0f} s" if error_s < 120 else f"{error_s / 60:.0f} min"
        once = _(": the band's clock was set only once") if row["clock"] == "estimated" else ""
        click.echo(_("Times may be off by up to {off}{once}.").format(off=off, once=once))


def _by_words(left_out: dict[str, int]) -> dict[str, int]:
    """Return how many events are left out by the words for it; several reasons may share them."""
    found = {}
    for reason, count in (left_out or {}).items():
        found[WORDS[reason]] = found.get(WORDS[reason], 0) + count
    return found


def print_events(found: dict[str, list[dict]]) -> None:
    """Print the table of events, then gaps and presses of the button."""
    zones = _zones(found)
    names = {row["device_id"]: row["band"] for row in found["summary"]}
    several = len(names) > 1
    if found["events"]:
        click.echo()
        print_table(
            ["no.", "time", "kind", "lasts", "peak", "counts", "confidence", "what else"]
            + (["band"] if several else []),
            [
                event_row(event, zones[event["device_id"]])
                + ([names[event["device_id"]]] if several else [])
                for event in found["events"]
            ],
        )
    for gap in found["gaps"]:
        when = clock_text(gap["start_utc_ms"], zones[gap["device_id"]])
        click.echo(
            _("gap at {when}: {duration_s:.1f} s ({reason})").format(
                when=when, duration_s=gap["duration_s"], reason=said(gap["reason"])
            )
        )
    for mark in found["marks"]:
        click.echo(
            _("button at {time}").format(time=clock_text(mark["utc_ms"], zones[mark["device_id"]]))
        )


def event_row(event: dict, zone: str) -> list[str]:
    """Return one event as the texts of a table's row."""
    what = [name for name in event["flag_names"] if name != event["left_out"]]
    if event["rhythm_hz"]:
        what.insert(0, figure("{:.1f} Hz x {}", event["rhythm_hz"], event["beats"]))
    if event["kind_band"] != event["kind"]:
        what.append(_("the band said {kind_band}").format(kind_band=_(event["kind_band"])))
    if event["waveform"]:
        what.append(_("waveform kept"))
    when = clock_text(event["onset_utc_ms"], zone)
    counts = _("yes") if event["kind"] in ("jerk", "lm", "rhythm") else ""
    if event["left_out"] is not None:
        counts = _("no: {why}").format(why=_(WORDS[event["left_out"]]))
    return [
        str(event["no"]),
        when if when != "-" else f"+{event['onset_s']:.0f} s",
        _(event["kind"]),
        duration_text(event["duration_s"]),
        f"{event['peak_mg']} mg",
        counts,
        f"{event['confidence_pct']} %",
        ", ".join(_(each).replace("_", " ") for each in what),
    ]
