"""How the report of one night is printed: its main figures, and those of both legs.

Touches the standard output alone; the figures are made in notturno.scoring.onenight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from notturno.words import _, counted, figure, said

if TYPE_CHECKING:
    from notturno.refusals import Refusal
    from notturno.words.written import Written


def print_report(report: dict) -> None:
    """Print the main figures of one night's report."""
    from notturno.nights.state import to_tell
    from notturno.refusals import is_refusal

    label = _("simulated band") if report["simulated"] else _("band")
    click.echo(
        _("Night {night}, {label} {band}").format(
            night=report["night"], label=label, band=report["band"]
        )
    )
    if report["state"] != "complete":
        click.echo(f"  {_(report['state'])}: {said(report['state_reason'])}")
    for sentence in to_tell(report):
        click.echo(f"  {said(sentence)}")
    for words, value, form in _lines(report):
        told = f"- ({said(value)})" if is_refusal(value) else figure(form, value)
        click.echo(f"  {words:<40}{told}")
    if "stages_placed" in report:
        click.echo(
            _("  stages: {stages_placed}, {stages_offset_s:+.0f} s").format(
                stages_placed=said(report["stages_placed"]),
                stages_offset_s=report["stages_offset_s"],
            )
        )
    slept, fragmentary = report["sleep"], report["jerks"]["fragmentary"]
    if not is_refusal(slept):
        click.echo(
            _("  sleep by {rule}: {limits}").format(
                rule=slept["rule"], limits=said(slept["limits"])
            )
        )
    if not is_refusal(fragmentary) and fragmentary["possible"]:
        click.echo(
            _(
                "  possible fragmentary myoclonus: {longest_run_min} min "
                "of 5 jerks or more a minute (a possibility, not a "
                "diagnosis)"
            ).format(longest_run_min=fragmentary["longest_run_min"])
        )


def _lines(report: dict) -> list:
    """Return [(words, figure, format)] of what the text shows; JSON holds the rest."""
    from notturno.refusals import is_refusal

    def part(whole: Any, key: str) -> dict[str, float] | float | Refusal:
        return whole if is_refusal(whole) else whole[key]

    jerks, slept = report["jerks"], report["sleep"]
    starts = jerks["sleep_starts"]
    lines = [
        (_("recorded hours"), report["recorded_h"], "{:.2f}"),
        (_("countable hours"), report["countable_h"], "{:.2f}"),
        (_("hours of sleep"), part(slept, "sleep_h"), "{:.2f}"),
        (_("single jerks"), jerks["single_jerks"], "{}"),
        (_("  per countable hour"), jerks["rates"]["per_countable_h"], "{:.2f}"),
        (_("  per hour of sleep"), jerks["rates"]["per_sleep_h"], "{:.2f}"),
        (_("  in clusters"), jerks["clusters"]["jerks_in_clusters"], "{}"),
        (_("  median peak, mg"), part(part(jerks["strength"], "peak_mg"), "p50"), "{:.0f}"),
        _starts_line(starts, "first"),
        _starts_line(starts, "later"),
        (_("rhythmic runs, 0.3-4 Hz"), jerks["rhythms"]["leg_0.3_4_hz"]["runs"], "{}"),
        (_("rhythmic runs, 3-8 Hz"), jerks["rhythms"]["clonic_3_8_hz"]["runs"], "{}"),
    ]
    for name, figures in report["movements"].items():
        lines += [
            (_("limb movements, {name}").format(name=name), figures["lm"], "{}"),
            (_("  periodic in sleep"), figures["plms"], "{}"),
            (_("  periodic per hour of sleep"), figures["plms_per_h"], "{:.2f}"),
            (_("  periodicity index"), figures["periodicity_index"], "{:.2f}"),
        ]
    return lines


def _starts_line(starts: dict | Refusal, which: str) -> tuple[Written | str, int | Refusal, str]:
    """Return the line on possible sleep starts of the first or the later onsets of sleep."""
    from notturno.refusals import is_refusal

    words = _("possible sleep starts, later onsets")
    if which == "first":
        words = _("possible sleep starts, first onset")
    if is_refusal(starts):
        return words, starts, "{}"
    key = "around_first_onset" if which == "first" else "around_later_onsets"
    chance = starts[f"{key}_by_chance"]
    by_chance = _("unknown")
    if not is_refusal(chance):
        by_chance = figure("{:.1f}", chance)
    form = "{} " + _("(by chance alone: {chance})").format(chance=by_chance)
    if which == "first" and starts["asleep_from_the_start"]:
        form += _(" (asleep from the start: the onset was not seen)")
    return words, starts[key], form


def print_both_legs(both: dict | Refusal) -> None:
    """Print the main figures of two bands."""
    from notturno.refusals import is_refusal

    if is_refusal(both):
        click.echo(_("Both legs: - ({reason})").format(reason=said(both)))
        return
    click.echo(
        _("Both legs, {both_worn_h:.2f} h worn at the same time").format(
            both_worn_h=both["both_worn_h"]
        )
    )
    by_side = (
        (_("single jerks by side"), both["jerks"]),
        (_("limb movements by side"), both["movements"]),
    )
    for words, found in by_side:
        if is_refusal(found):
            click.echo(f"  {words}: - ({said(found)})")
            continue
        click.echo(
            _(
                "  {words}: {bilateral} of both legs, {left_only} left "
                "only, {right_only} right only"
            ).format(
                words=words,
                bilateral=found["bilateral"],
                left_only=found["left_only"],
                right_only=found["right_only"],
            )
        )
    jerks, alternating = both["jerks"], both["alternating"]
    lag = None if is_refusal(jerks) else jerks["lag_ms"]
    if lag is not None and not is_refusal(lag):
        click.echo(
            _(
                "  lag (right minus left): {median:.0f} ms, uncertain by {uncertainty:.0f} ms"
            ).format(median=lag["median"], uncertainty=lag["uncertainty"])
        )
    told = (
        f"- ({said(alternating)})"
        if is_refusal(alternating)
        else counted(alternating["runs"], "run")
    )
    click.echo(_("  alternating (possible ALMA): {told}").format(told=told))
    _print_as_one_patient(both["by_rules"])


def _print_as_one_patient(scored: dict | Refusal) -> None:
    """Print both rule sets over the movements of both legs; a range where the clocks leave one."""
    from notturno.nights.columns import RULES
    from notturno.refusals import is_refusal

    if is_refusal(scored):
        click.echo(_("  both legs by the rules: - ({reason})").format(reason=said(scored)))
        return
    for rules, title, *_more in RULES:
        cells = []
        for key, words in (
            ("lm", "LM"),
            ("plm", "PLM"),
            ("plms_per_h", _("PLMS per hour of sleep")),
        ):
            value = scored[rules][key]
            if is_refusal(value):
                cells.append(f"{words} - ({said(value)})")
            elif isinstance(value, dict):
                cells.append(
                    _("{words} {low:.4g} to {high:.4g} (clocks)").format(
                        words=words, low=value["low"], high=value["high"]
                    )
                )
            else:
                cells.append(f"{words} {figure('{:.4g}', value)}")
        click.echo(
            _("  both legs by {title}: {cells}").format(title=title, cells=", ".join(cells))
        )
