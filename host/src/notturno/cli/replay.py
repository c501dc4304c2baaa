"""`notturno replay`: run the detector over a raw recording.

I read a file and print; the detector runs in notturno.detect.
"""

import json

import click

from notturno.cli.options import HELP_NAMES, json_option, setting_of
from notturno.cli.words import FOOTER, or_dash, print_table
from notturno.words import _, counted, figure

KINDS = {
    "jerk": ("jerk",),
    "lm": ("limb movement",),
    "posture": ("posture change",),
    "rhythm": ("rhythm",),
    "awake": ("time awake", "times awake"),
    "not_worn": ("time not worn", "times not worn"),
}


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
def command(recording: str, as_json: bool, engine: str, settings: tuple[str, ...]) -> None:
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


def _has_numba() -> bool:
    from importlib.util import find_spec

    return find_spec("numba") is not None


def _print_events(events: list[dict], length_s: float) -> None:
    if events:
        print_table(
            (
                _("onset s"),
                "kind",
                _("for s"),
                _("peak mg"),
                _("jerk mg/s"),
                "Hz",
                "beats",
                "sure",
                "flags",
            ),
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
    for line in summary(events, length_s):
        click.echo(line)


def summary(events: list[dict], length_s: float) -> list[str]:
    """Return what stands under the table: all events, what was left out and why, the rate.

    Nothing is counted while awake or not worn, so the rate is per hour of the rest.
    """
    from notturno.detect.named import left_out, of_kind
    from notturno.nights import counts, spans

    found = [
        counted(n, *KINDS[kind]) for kind in KINDS if (n := sum(e["kind"] == kind for e in events))
    ]
    lines = [
        _("{found} in {length_s:.2f} h.").format(
            found=", ".join(found) or _("no events"), length_s=length_s / 3600
        )
    ]
    for kind, reasons in left_out(events).items():
        why = ", ".join(f"{n} {_(counts.WORDS[reason])}" for reason, n in reasons.items())
        lines.append(
            _("Left out: {counted} ({why}).").format(
                counted=counted(sum(reasons.values()), *KINDS[kind]), why=why
            )
        )
    single = len(of_kind(events, "jerk"))
    uncounted = [
        (spans.to_us(e["onset_s"]), spans.to_us(e["onset_s"] + e["duration_s"]))
        for e in events
        if e["kind"] in ("awake", "not_worn")
    ]
    whole = [(0, spans.to_us(length_s))]
    hours = sum(b - a for a, b in spans.without(whole, uncounted)) / spans.US_PER_H
    rate = (
        figure("{:.1f}/h", single / hours)
        if hours * 60 >= 1
        else _("no rate: less than a minute counts")
    )
    lines.append(
        _("{jerks} in {hours:.2f} h without awake and not worn ({rate}). ").format(
            jerks=counted(single, "single jerk"), hours=hours, rate=rate
        )
        + _(FOOTER)
    )
    return lines
