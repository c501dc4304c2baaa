"""`notturno score`: score lists of movements by the published rules.

I read files and print; the rules live in notturno.scoring.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno.cli.given import setting_of
from notturno.cli.options import HELP_NAMES, json_option
from notturno.cli.score_many import profile_lines
from notturno.cli.score_words import as_text, difference
from notturno.errors import UserError
from notturno.words import _, said

if TYPE_CHECKING:
    from notturno.labs.night import LabNight


def _profiles_printed(ctx: click.Context, _option: click.Option, name: str | None) -> str | None:
    """Print what the profiles differ in and leave, where that is asked for."""
    if name == "list" and not ctx.resilient_parsing:
        from notturno.scoring.movements.profiles import page

        click.echo(page(), nl=False)
        ctx.exit()
    return name


@click.command(context_settings=HELP_NAMES)
@click.argument("paths", type=click.Path(), nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--rules",
    help="wasm2016, aasm3 or both. One rule set prints one object, both print one of each name.  "
    "[default: both; wasm2016 with --like]",
)
@click.option(
    "--like",
    metavar="NAME",
    is_eager=True,
    callback=_profiles_printed,
    help="Read the rules as another scorer does: somas or matplm; `--like list` prints what "
    "differs from ours.",
)
@click.option(
    "--stages",
    type=click.Path(),
    help="Hypnogram: CSV onset_s,stage, or any file that PATH may be, for its stages.",
)
@click.option(
    "--resp",
    type=click.Path(),
    help="Respiratory events: CSV onset_s,duration_s, or any file that PATH may be, for them.",
)
@click.option(
    "--arousals",
    type=click.Path(),
    help="Arousals: CSV onset_s,duration_s, or any file that PATH may be, for them.",
)
@click.option("--gaps", type=click.Path(), help="Gaps in the recording: CSV onset_s,duration_s.")
@click.option("--recorded-s", help="Length of the recording from time 0, in seconds.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Choose a convention; `conventions` in the JSON output lists names and options.",
)
@click.option(
    "--against",
    type=click.Path(),
    help="JSON of an earlier scoring of the same rules: show what changed since.",
)
@click.option(
    "--out",
    metavar="DIR",
    help="Many nights: the folder for nights.parquet, events.parquet, qc.csv, settings.json. A "
    "run that was stopped goes on where it was.",
)
@click.option("--jobs", type=int, metavar="N", help="Many nights: processes. [default: all cores]")
@click.option("--force", is_flag=True, help="Replace the results of another run in --out.")
@json_option
def command(
    paths: tuple[str, ...],
    rules: str | None,
    like: str | None,
    settings: tuple[str, ...],
    against: str | None,
    out: str | None,
    jobs: int | None,
    force: bool,
    as_json: bool,
    **lists_of: str | None,
) -> None:
    """Score PATH: a list of one night, or files, folders, patterns and Parquet of many.

    One night: a CSV list onset_s,duration_s,side (side L, R or empty; an optional column
    morphology, 0 or 1, tells of WASM 2016, 3.2.1-d), or what a sleep laboratory's program wrote:
    EDF+ annotations; XML of NSRR, Profusion, Embla or Sleepware; text of RemLogic, DOMINO or Twin;
    Luna's .annot; tables of events, with times in seconds, of the clock or with a date.

    Many: what stands for one night is told by the files' names (p01.csv, p01_stages.csv); long
    tables in Parquet hold person, night, onset_s, duration_s, side, or person, night, onset_s,
    stage.
    """
    chosen = _chosen(like) | dict(setting_of(text) for text in settings)
    rules = rules or ("both" if like is None else "wasm2016")
    if out is not None or _are_many(paths):
        from notturno.cli import score_many

        given = [name for name, value in lists_of.items() if value is not None]
        given += ["against"] if against else []
        if given:
            option = "--" + given[0].replace("_", "-")
            raise UserError(
                "{option} is for one list alone; with many the files' names tell what belongs "
                "together.",
                option=option,
            )
        score_many.score(paths, out, chosen, rules, like, jobs, force, as_json)
        return
    _one(paths[0], rules, chosen, against, as_json, like, **lists_of)


def _chosen(like: str | None) -> dict[str, str]:
    if like is None:
        return {}
    from notturno.scoring.movements.profiles import settings_of

    return settings_of(like)


def _are_many(paths: Any) -> bool:
    """Tell whether some paths are more than one list of one night."""
    if len(paths) > 1:
        return True
    path = Path(paths[0])
    if path.is_file():
        from notturno.labs import longcsv

        long = path.suffix.lower() in (".parquet", ".pq")
        return long or longcsv.table_of(path, str(path)) is not None
    return path.is_dir() or any(mark in paths[0] for mark in "*?[")


def _one(
    path: str,
    rules: str,
    chosen: dict[str, str],
    against: str | None,
    as_json: bool,
    like: str | None,
    stages: str | None,
    resp: str | None,
    arousals: str | None,
    gaps: str | None,
    recorded_s: str | None,
) -> None:
    """Score one night and print it; what the options give goes before what the file holds."""
    from notturno import refusals
    from notturno.scoring.movements import score

    options = {"stages": stages, "resp": resp, "arousals": arousals, "gaps": gaps}
    night = _lab_night(path, {what: given for what, given in options.items() if given})
    source: dict[str, Any] = {"list": Path(path).name}
    if like is not None:
        source["like"] = like
    source["format"] = night.format
    if night.unknown:
        source["unknown_stages"] = dict(night.unknown)
    for note in night.notes:
        click.echo(f"{path}: {said(note.reason)}", err=True)
    result = score.score_night(
        night.rows,
        rules=rules,
        stages=night.stages,
        resp=night.resp,
        arousal_events=night.arousals,
        gaps=night.gaps,
        recorded_us=_recorded_us(recorded_s) if recorded_s is not None else night.recorded_us,
        settings=chosen,
        source=source,
    )
    printable = refusals.to_json(result)
    if against:
        printable["difference"] = difference(against, printable, rules)
    if as_json:
        click.echo(json.dumps(printable, indent=1))
        return
    click.echo(as_text(result if rules == "both" else {rules: result}))
    if like is not None:
        click.echo("\n".join(profile_lines(like)))
    if against:
        click.echo(
            _("Changed since {against}: {dumps}").format(
                against=against, dumps=json.dumps(printable["difference"], indent=1)
            )
        )


def _lab_night(path: str, beside: dict[str, str]) -> LabNight:
    """Return the LabNight of one file, with the lists of other files beside it."""
    from notturno.labs import readers
    from notturno.labs.inputs import Unit

    return readers.nights_of(Unit("", Path(path).stem, ((path, path),)), beside)[0]


def _recorded_us(recorded_s: str) -> tuple[int, int]:
    from notturno.nights.spans import to_us

    try:
        recorded_us = (0, to_us(recorded_s))
    except ValueError as error:
        raise UserError(
            "--recorded-s is {recorded_s!r}, {why_said}; correct it.",
            recorded_s=recorded_s,
            why_said=error,
        ) from None
    if recorded_us[1] <= 0:
        raise UserError(
            "--recorded-s is {recorded_s!r}; it must be more than 0.", recorded_s=recorded_s
        )
    return recorded_us
