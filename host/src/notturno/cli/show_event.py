"""How `show --event` prints one event: what it is, and its waveform where the band kept one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli import outfile
from notturno.cli.streams import speaks_utf8
from notturno.cli.words import FOOTER, clock_text, print_json
from notturno.errors import UserError
from notturno.words import _, counted, duration_text, figure

if TYPE_CHECKING:
    from notturno.nights.waveform import Waveform

SCHEMA = "event-1"
NARROWEST, WIDEST = 40, 120  # characters of the drawing
LABEL = 6  # characters before each curve
HEIGHT = 3  # lines of each curve


def show_event(events: list[dict], no: int, zones: dict, out: str | None, as_json: bool) -> None:
    """Print event number `no` of a night, draw it into the file `out`, or print JSON.

    events: of the night, each with `no` and `waveform` (a row of the store, or None). zones: by
    device. Raises UserError for an event that is not there or has no waveform.
    """
    from notturno_core import wire

    from notturno.nights import waveform
    from notturno.views.events import one

    event = one(events, no)
    kept = ", ".join(str(each["no"]) for each in events if each["waveform"] is not None)
    snippet = event["waveform"]
    if snippet is None:
        raise UserError(
            "The band kept no waveform of event {no}: it keeps those of each "
            "kind's first, of the strongest and of one an hour at random. Kept "
            "of this night: {kept_said}.",
            no=no,
            kept_said=kept or "none",
        )
    try:
        found = waveform.of_snippet(snippet)
    except wire.WireError as error:
        raise UserError(
            "The waveform of event {no} cannot be read: {why_said}.", no=no, why_said=error
        ) from None
    title = _("Event {no} of {night}: {what}").format(
        no=no, night=event["night"], what=_what(event, zones[event["device_id"]])
    )
    if out is not None:
        _draw(out, found, event, title, _about(found, snippet))
    if as_json:
        print_json(document(event, snippet, found) | ({} if out is None else {"out": out}))
        return
    click.echo(title)
    click.echo(_about(found, snippet))
    if out is None:
        for line in drawing(found, event):
            click.echo(line)
    else:
        click.echo(_("Drawn: {path}").format(path=Path(out).expanduser().resolve()))
    click.echo()
    click.echo(_(FOOTER))


def document(event: dict, snippet: dict, found: Waveform) -> dict:
    """Return what --json prints; samples_mg holds null where a record is lost."""
    first = found.first_sample
    return {
        "schema": SCHEMA,
        "night": event["night"],
        "event": {key: value for key, value in event.items() if key != "waveform"},
        "waveform": {
            "why": snippet["why"],
            "first_sample": first,
            "start_s": round((first - event["onset_sample"]) / found.rate_hz, 4),
            "rate_hz": round(found.rate_hz, 4),
            "odr_hz": snippet["odr_hz"],
            "ug_per_lsb": found.ug_per_lsb,
            "lost_samples": found.lost(),
            "samples_mg": found.samples_mg(),
        },
        "note": FOOTER,
    }


def _what(event: dict, zone: str) -> str:
    when = clock_text(event["onset_utc_ms"], zone)
    return ", ".join(
        [
            _(event["kind"]),
            when if when != "-" else f"+{event['onset_s']:.0f} s",
            duration_text(event["duration_s"]),
            _("peak {peak_mg} mg").format(peak_mg=event["peak_mg"]),
        ]
    )


def _about(found: Waveform, snippet: dict) -> str:
    lasts_s = len(found.counts) / found.rate_hz
    lost = ""
    if found.lost():
        lost = _(", {samples} of it lost").format(samples=counted(found.lost(), "sample"))
    return _(
        "Kept as {why}: {lasts_s:.2f} s at {rate_hz:.1f} Hz, in steps of {ug_per_lsb:g} mg{lost}."
    ).format(
        why=", ".join(map(_, snippet["why"])) or _("asked for"),
        lasts_s=lasts_s,
        rate_hz=found.rate_hz,
        ug_per_lsb=found.ug_per_lsb / 1000,
        lost=lost,
    )


def drawing(found: Waveform, event: dict) -> list[str]:
    """Return the lines that draw a waveform as wide as the terminal, all curves on one scale."""
    from notturno.charts import dots
    from notturno.charts.waveform import limits_mg

    braille = speaks_utf8(sys.stdout)
    columns = shutil.get_terminal_size().columns
    width = min(WIDEST, max(NARROWEST, columns - 1)) - LABEL
    width = min(width, len(found.counts) // (2 if braille else 1))  # a sample is a column of dots
    curves = found.curves_mg()
    limits = limits_mg(curves)
    lines = []
    for name, values in curves.items():
        held = [value for value in values if value is not None]
        held_mg = _("{low:.0f} to {high:.0f} mg").format(low=min(held), high=max(held))
        lines += ["", f"{_(name):<{LABEL}}{held_mg}"]
        for line in dots.lines(values, *limits[name], width, HEIGHT, braille):
            lines.append((" " * LABEL + line).rstrip())
    return lines + _time_axis(found, event, width)


def _time_axis(found: Waveform, event: dict, width: int) -> list[str]:
    """Return a ruler: where the event lies, and the times of its ends from the onset."""
    n = len(found.counts)
    onset = event["onset_sample"]
    first, last = (
        min(width - 1, max(0, (sample - found.first_sample) * width // n))
        for sample in (onset, onset + event["duration_samples"])
    )
    times_s = found.times_s(onset)
    ends = figure("{:.2f} s", times_s[0]), figure("{:.2f} s", times_s[-1])
    return [
        " " * (LABEL + first) + "=" * (last + 1 - first),
        " " * LABEL + ends[0] + ends[1].rjust(width - len(ends[0])),
        " " * LABEL + _("= the event; times are from its onset"),
    ]


def _draw(out: str, found: Waveform, event: dict, title: str, description: str) -> None:
    from notturno.charts import waveform

    path = Path(out).expanduser()
    if path.suffix.lower() != ".svg":
        raise UserError("{out} is no .svg file; name it for example event.svg.", out=out)
    end = event["onset_sample"] + event["duration_samples"]
    svg = waveform.picture(found, event["onset_sample"], end, title, description)
    outfile.put(path, svg, force=True)
