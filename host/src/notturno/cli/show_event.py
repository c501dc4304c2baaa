"""How `show --event` prints one event: what it is, and its waveform where the band kept one."""

import shutil
import sys
from pathlib import Path

import click

from notturno.cli.streams import speaks_utf8
from notturno.cli.words import FOOTER, clock_text, print_json
from notturno.errors import UserError
from notturno.words import duration_text

SCHEMA = "event-1"
NARROWEST, WIDEST = 40, 120  # characters of the drawing
LABEL = 6  # characters before each curve
HEIGHT = 3  # lines of each curve


def show_event(events, no: int, zones: dict, out: str | None, as_json: bool) -> None:
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
            f"The band kept no waveform of event {no}: it keeps those of each kind's first, of "
            f"the strongest and of one an hour at random. Kept of this night: {kept or 'none'}."
        )
    try:
        found = waveform.of_snippet(snippet)
    except wire.WireError as error:
        raise UserError(f"The waveform of event {no} cannot be read: {error}.") from None
    title = f"Event {no} of {event['night']}: {_what(event, zones[event['device_id']])}"
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
        click.echo(f"Drawn: {Path(out).expanduser().resolve()}")
    click.echo()
    click.echo(FOOTER)


def document(event: dict, snippet: dict, found) -> dict:
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


def _what(event, zone):
    when = clock_text(event["onset_utc_ms"], zone)
    return ", ".join(
        [
            event["kind"],
            when if when != "-" else f"+{event['onset_s']:.0f} s",
            duration_text(event["duration_s"]),
            f"peak {event['peak_mg']} mg",
        ]
    )


def _about(found, snippet):
    lasts_s = len(found.counts) / found.rate_hz
    lost = f", {found.lost()} samples of it lost" if found.lost() else ""
    return (
        f"Kept as {', '.join(snippet['why']) or 'asked for'}: {lasts_s:.2f} s at "
        f"{found.rate_hz:.1f} Hz, in steps of {found.ug_per_lsb / 1000:g} mg{lost}."
    )


def drawing(found, event) -> list[str]:
    """Return the lines that draw a waveform as wide as the terminal, all curves on one scale."""
    from notturno.charts import dots
    from notturno.charts.waveform import limits_mg

    braille = speaks_utf8(sys.stdout)
    columns = shutil.get_terminal_size((80, 24)).columns
    width = min(WIDEST, max(NARROWEST, columns - 1)) - LABEL
    width = min(width, len(found.counts) // (2 if braille else 1))  # a sample is a column of dots
    curves = found.curves_mg()
    limits = limits_mg(curves)
    lines = []
    for name, values in curves.items():
        held = [value for value in values if value is not None]
        lines += ["", f"{name:<{LABEL}}{min(held):.0f} to {max(held):.0f} mg"]
        for line in dots.lines(values, *limits[name], width, HEIGHT, braille):
            lines.append((" " * LABEL + line).rstrip())
    return lines + _time_axis(found, event, width)


def _time_axis(found, event, width):
    """Return a ruler: where the event lies, and the times of its ends from the onset."""
    n = len(found.counts)
    onset = event["onset_sample"]
    first, last = (
        min(width - 1, max(0, (sample - found.first_sample) * width // n))
        for sample in (onset, onset + event["duration_samples"])
    )
    ruler = [" "] * width
    ruler[first : last + 1] = "=" * (last + 1 - first)
    times_s = found.times_s(onset)
    ends = f"{times_s[0]:.2f} s", f"{times_s[-1]:.2f} s"
    return [
        " " * LABEL + "".join(ruler).rstrip(),
        " " * LABEL + ends[0] + ends[1].rjust(width - len(ends[0])),
        " " * LABEL + "= the event; times are from its onset",
    ]


def _draw(out, found, event, title, description):
    from notturno.charts import waveform

    path = Path(out).expanduser()
    if path.suffix.lower() != ".svg":
        raise UserError(f"{out} is no .svg file; name it for example event.svg.")
    end = event["onset_sample"] + event["duration_samples"]
    svg = waveform.picture(found, event["onset_sample"], end, title, description)
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The file {out} cannot be written ({error.strerror}); choose another with --out."
        ) from error
