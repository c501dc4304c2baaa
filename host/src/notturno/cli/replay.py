"""`notturno replay`: run the detector over raw recordings, of ours or of other loggers.

I read files and print; the detector runs in notturno.detect, readers are in notturno.loggers.
"""

import json
from pathlib import Path

import click

from notturno.cli.given import setting_of
from notturno.cli.options import HELP_NAMES, json_option
from notturno.cli.words import FOOTER, or_dash, print_table
from notturno.words import _, counted, figure, said

KINDS = {
    "jerk": ("jerk",),
    "lm": ("limb movement",),
    "posture": ("posture change",),
    "rhythm": ("rhythm",),
    "awake": ("time awake", "times awake"),
    "not_worn": ("time not worn", "times not worn"),
}


@click.command(context_settings=HELP_NAMES)
@click.argument("paths", type=click.Path(), nargs=-1, required=True, metavar="PATH...")
@json_option
@click.option(
    "--engine",
    type=click.Choice(["native", "python", "vm"]),
    default="native",
    show_default=True,
    help="native: machine code; python: the reference; vm: MicroPython, as on the band.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting of the detector (an integer); may be given more than once.",
)
@click.option(
    "--out",
    metavar="DIR",
    help="Many: the folder for nights.parquet, events.parquet, qc.csv, settings.json. A run that "
    "was stopped goes on where it was.",
)
@click.option("--jobs", type=int, metavar="N", help="Many: processes. [default: all cores]")
@click.option("--side", type=click.Choice(["L", "R"]), help="Many: the side they were worn on.")
@click.option("--force", is_flag=True, help="Replace the results of another run in --out.")
def command(
    paths: tuple[str],
    as_json: bool,
    engine: str,
    settings: tuple[str, ...],
    out: str | None,
    jobs: int | None,
    side: str,
    force: bool,
) -> None:
    """Run the detector over PATH: a raw recording, or files, folders and patterns of many.

    Axivity .cwa, ActiGraph .gt3x, GENEActiv .bin, Matrix .BIN, a Movisens folder; npz: acc int16
    (n, 3), mg_per_lsb, odr_hz; CSV and Parquet: a header that names time, axes and their unit.
    What was lost, and what the detector was not made for, is said.
    """
    from notturno.detect import engines

    values = dict(setting_of(text, whole=True) for text in settings)
    engines.check_settings(values)
    if engine == "native" and not _is_native():
        click.echo(
            "notturno: llvmlite is not installed, so the slower python engine runs "
            "(install the extra `fast`).",
            err=True,
        )
        engine = "python"
    if out is not None or _are_many(paths):
        from notturno.cli import replay_many

        replay_many.replay(paths, out, engine, values, side or "", jobs, force, as_json)
        return
    _one(paths[0], engine, values, as_json)


def _are_many(paths: tuple[str]) -> bool:
    """Tell whether some paths are more than one recording."""
    if len(paths) > 1:
        return True
    path = Path(paths[0])
    if path.is_dir():
        return not (path / "unisens.xml").is_file()
    return not path.exists() and any(mark in paths[0] for mark in "*?[")


def _one(path: str, engine: str, values: dict[str, int], as_json: bool) -> None:
    from notturno.detect import engines
    from notturno.loggers.load import load
    from notturno.loggers.replayed import replayed

    loaded = load(path)
    engines.start(
        loaded.recording, values
    )  # refuse what cannot run before an engine is looked for
    for note in loaded.recording.notes:
        click.echo(f"{Path(path).name}: {said(note.reason)}", err=True)
    events = replayed(loaded, engine, values).events
    if as_json:
        for event in events:
            click.echo(json.dumps(event))
    else:
        gaps_s = loaded.recording.gaps_s()
        _print_events(events, loaded.recording.length_s, sum(b - a for a, b in gaps_s))


def _is_native() -> bool:
    from importlib.util import find_spec

    return find_spec("llvmlite") is not None


def _print_events(events: list[dict], length_s: float, gaps_s: float) -> None:
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
    for line in summary(events, length_s, gaps_s):
        click.echo(line)


def summary(events: list[dict], length_s: float, gaps_s: float = 0.0) -> list[str]:
    """Return what stands under the table: all events, what was left out and why, the rate.

    Nothing is counted while awake or not worn, so the rate is per hour of the rest; gaps_s: how
    much of the length was not recorded.
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
    hours = sum(b - a for a, b in spans.without(whole, uncounted)) / spans.US_PER_H - gaps_s / 3600
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
