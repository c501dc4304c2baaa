"""`notturno score`: score a list of movements by the published rules.

I read files and print; the rules live in notturno.scoring.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli.options import HELP_NAMES, json_option, setting_of, stages_of, text_of
from notturno.errors import UserError
from notturno.words import _, figure, said

if TYPE_CHECKING:
    from notturno.refusals import Refusal


@click.command(context_settings=HELP_NAMES)
@click.argument("events", type=click.Path())
@click.option(
    "--rules",
    default="both",
    show_default=True,
    help="wasm2016, aasm3 or both. One rule set prints one object, both print one of each name.",
)
@click.option(
    "--stages", type=click.Path(), help="Hypnogram: CSV onset_s,stage, or EDF+ (.edf, .bdf)."
)
@click.option("--resp", type=click.Path(), help="Respiratory events: CSV onset_s,duration_s.")
@click.option("--arousals", type=click.Path(), help="Arousals: CSV onset_s,duration_s.")
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
@json_option
def command(
    events: str,
    rules: str,
    stages: str | None,
    resp: str | None,
    arousals: str | None,
    gaps: str | None,
    recorded_s: str | None,
    settings: tuple[str, ...],
    against: str | None,
    as_json: bool,
) -> None:
    """Score EVENTS, a CSV list onset_s,duration_s,side (side L, R or empty).

    An optional column morphology (0 or 1) tells of WASM 2016, 3.2.1-d.
    """
    from notturno import refusals
    from notturno.nights.spans import to_us
    from notturno.scoring.movements import lists, score

    rows = lists.read_movements(text_of(events), events)
    recorded_us = None
    if recorded_s is not None:
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
    source = {"list": Path(events).name}
    hypnogram = stages_of(stages) if stages else None
    if hypnogram is not None and hypnogram.unknown:
        source["unknown_stages"] = dict(hypnogram.unknown)
    result = score.score_night(
        rows,
        rules=rules,
        stages=hypnogram.rows if hypnogram else None,
        resp=lists.read_spans(text_of(resp), resp) if resp else None,
        arousal_events=lists.read_spans(text_of(arousals), arousals) if arousals else None,
        gaps=lists.read_spans(text_of(gaps), gaps) if gaps else (),
        recorded_us=recorded_us,
        settings=dict(setting_of(text) for text in settings),
        source=source,
    )
    printable = refusals.to_json(result)
    if against:
        printable["difference"] = _difference(against, printable, rules)
    if as_json:
        click.echo(json.dumps(printable, indent=1))
        return
    click.echo(_as_text(result if rules == "both" else {rules: result}))
    if against:
        click.echo(
            _("Changed since {against}: {dumps}").format(
                against=against, dumps=json.dumps(printable["difference"], indent=1)
            )
        )


def _difference(path: str, new: dict, rules: str) -> dict:
    """What changed against the JSON file of an earlier scoring; by rule set for both."""
    from notturno.scoring.rescore import difference

    try:
        old = json.loads(text_of(path))
    except json.JSONDecodeError:
        old = None
    names = ("wasm2016", "aasm3")
    if rules == "both":
        if not isinstance(old, dict) or not all(isinstance(old.get(n), dict) for n in names):
            raise UserError(
                "{path} is not the JSON of a scoring by both rules; score it again.", path=path
            )
        return {name: difference(old[name], new[name]) for name in names}
    if not isinstance(old, dict) or "lm" not in old:
        raise UserError(
            "{path} is not the JSON of a scoring by one rule set; score it again.", path=path
        )
    return difference(old, new)


# What the table shows: key of the figures -> words.
LINES = (
    ("lm", "leg movements (LM)"),
    ("clm", "candidates (CLM)"),
    ("plm", "periodic (PLM)"),
    ("plms", "PLM in sleep"),
    ("plmw", "PLM in wake"),
    ("plm_nonresp", "PLM without respiratory events"),
    ("plms_per_h", "PLMS per hour of sleep"),
    ("periodicity_index", "periodicity index"),
    ("log_imi_mean", "log-IMI mean"),
    ("log_imi_sd", "log-IMI SD"),
)


def _as_text(by_rules: dict[str, dict]) -> str:
    from notturno.refusals import is_refusal

    lines, reasons = [], []

    def cell(value: float | Refusal) -> str:
        if is_refusal(value):
            if said(value) not in reasons:
                reasons.append(said(value))
            return f"- ({reasons.index(said(value)) + 1})"
        return figure("{:.3f}", value) if isinstance(value, float) else str(value)

    lines.append(" " * 32 + "".join(f"{name:>12}" for name in by_rules))
    for key, words in LINES:
        lines.append(
            f"{_(words):<32}"
            + "".join(f"{cell(figures[key]):>12}" for figures in by_rules.values())
        )
    for name, figures in by_rules.items():
        for series, ended in zip(figures["series"], figures["breaks"], strict=True):
            lines.append(
                _(
                    "{name}: series of {movements} from {start_s:.3f} s to "
                    "{end_s:.3f} s, ended by {reason}"
                ).format(
                    name=name,
                    movements=series["movements"],
                    start_s=series["start_s"],
                    end_s=series["end_s"],
                    reason=_(ended["reason"]),
                )
            )
    lines += [f"({number}) {reason}" for number, reason in enumerate(reasons, start=1)]
    lines.append(_("Choices the texts leave open are listed by --json under `conventions`."))
    return "\n".join(lines)
