"""`notturno replay`: run the detector over a raw recording.

I read a file and print; the detector runs in notturno.detect.
"""

import json

import click

from notturno.cli.options import HELP_NAMES, json_option, setting_of
from notturno.cli.words import FOOTER, or_dash, print_table


@click.command(context_settings=HELP_NAMES)
@click.argument("recording", type=click.Path())
@json_option
@click.option(
    "--engine",
    type=click.Choice(["numba", "python", "vm"]),
    default="numba",
    show_default=True,
    help="numba: machine code; python: the reference; vm: MicroPython, as on the band.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting of the detector (an integer); may be given more than once.",
)
def command(recording, as_json, engine, settings):
    """Run the detector over RECORDING, an npz or CSV of raw acceleration.

    npz: acc int16 (n, 3), mg_per_lsb, odr_hz. CSV: a header that names time, axes and their unit.
    """
    from notturno.detect import engines
    from notturno.detect import recording as recordings

    values = dict(setting_of(text, whole=True) for text in settings)
    loaded = recordings.load(recording)
    engines.start(loaded, values)  # refuse what cannot run before an engine is looked for
    if engine == "numba" and not _has_numba():
        click.echo(
            "notturno: numba is not installed, so the slower python engine runs "
            "(install the extra `fast`).",
            err=True,
        )
        engine = "python"
    events = engines.run(loaded, engine, values)
    if as_json:
        for event in events:
            click.echo(json.dumps(event))
    else:
        _print_events(events, len(loaded.acc) / loaded.odr_hz)


def _has_numba():
    from importlib.util import find_spec

    return find_spec("numba") is not None


def _print_events(events, length_s):
    if events:
        print_table(
            ("onset s", "kind", "for s", "peak mg", "jerk mg/s", "Hz", "beats", "sure", "flags"),
            [
                (
                    f"{event['onset_s']:.2f}",
                    event["kind"],
                    f"{event['duration_s']:.2f}",
                    str(event["peak_mg"]),
                    str(event["peak_jerk_mg_per_s"]),
                    or_dash(event["rhythm_hz"], "{:.2f}"),
                    or_dash(event["beats"]),
                    f"{event['confidence']:.2f}",
                    " ".join(event["flags"]) or "-",
                )
                for event in events
            ],
        )
    counts = {}
    for event in events:
        counts[event["kind"]] = counts.get(event["kind"], 0) + 1
    found = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())) or "no events"
    single = sum(e["kind"] == "jerk" and "in_rhythm" not in e["flags"] for e in events)
    hours = length_s / 3600
    click.echo(
        f"{found} in {hours:.2f} h; single jerks: {single} ({single / hours:.1f}/h). {FOOTER}"
    )
