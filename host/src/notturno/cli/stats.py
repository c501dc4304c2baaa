"""The command `stats`: figures over many nights, or all figures of one."""

import click

from notturno.cli.many_words import print_band
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    check_date,
    data_dir_option,
    json_option,
    last_nights,
    needs_scipy,
    open_for_reading,
)
from notturno.cli.words import FOOTER, print_footer, print_json
from notturno.errors import UserError


@click.command(context_settings=HELP_NAMES)
@click.option("--by", type=click.Choice(["tag", "phase", "month"]), help="Also group the nights.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N nights.")
@click.option("--since", metavar="DATE", help="Only nights from this evening on (2026-01-31).")
@click.option("--night", metavar="NIGHT", help="All figures of this one night instead.")
@click.option(
    "--sleep",
    "sleep_rule",
    type=click.Choice(["van_hees_2015", "cole_kripke_1992", "marks"]),
    help="With --night: what says when you slept (marks: the button). [default: van_hees_2015]",
)
@click.option(
    "--stages",
    metavar="FILE",
    help="With --night: a hypnogram, CSV onset_s,stage from the start of the recording, or EDF+.",
)
@click.option(
    "--left",
    metavar="BAND",
    help="With --night and two bands: the id of the left leg's; sets both legs side by side.",
)
@click.option(
    "--against",
    metavar="FILE",
    help="With --night: JSON of an earlier --night; show what changed since.",
)
@json_option
@data_dir_option
def command(by, last, since, night, sleep_rule, stages, left, against, as_json, folder):
    """Rates, how nights differ, the trend, and where the level changed.

    Rates are events per recorded hour. A phase is a tag (notturno tag); by phase, every phase is
    also compared with the first. A figure that would mislead is refused with its reason.
    """
    since = check_date(since)
    if night is not None:
        from notturno.cli import onenight

        onenight.run(night, sleep_rule, stages, left, against, as_json, folder)
        return
    if sleep_rule or stages or left or against:
        raise UserError("--sleep, --stages, --left and --against need one night: add --night.")
    with open_for_reading(folder) as store:
        nights = store.nights(since=since)
        tags = store.tags()
        kept = {row["night"] for row in last_nights(nights, last)}
        nights = [row for row in nights if row["night"] in kept]
        events, sessions = [], []
        if as_json:
            events = [e for e in store.events(kinds=("jerk", "lm")) if e["night"] in kept]
            sessions = [s for s in store.sessions() if s["night"] in kept]
    if not nights and not as_json:
        click.echo(NOTHING_YET if since is None else f"No night is stored since {since}.")
        return
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures

    bands = [
        figures.of_band(
            [row for row in nights if row["device_id"] == device],
            tags,
            by,
            [e for e in events if e["device_id"] == device],
            [s for s in sessions if s["device_id"] == device],
        )
        for device in sorted({row["device_id"] for row in nights})
    ]
    if as_json:
        print_json({"by": by, "bands": refusals.to_json(bands), "note": FOOTER})
        return
    for band in bands:
        print_band(band, by)
    print_footer(bands)
