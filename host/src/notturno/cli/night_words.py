"""How the report of one night is printed: its main figures, and those of both legs.

Touches the standard output alone; the figures are made in notturno.scoring.onenight.
"""

import click

from notturno.words import counted


def print_report(report):
    """Print the main figures of one night's report."""
    from notturno.refusals import is_refusal

    label = "simulated band" if report["simulated"] else "band"
    click.echo(f"Night {report['night']}, {label} {report['band']}")
    if report["state"] != "complete":
        click.echo(f"  {report['state']}: {report['state_reason']}")
    for warning in report["warnings"]:
        click.echo(f"  {warning}")
    for words, value, form in _lines(report):
        said = f"- ({value.reason})" if is_refusal(value) else form.format(value)
        click.echo(f"  {words:<40}{said}")
    if "stages_placed" in report:
        click.echo(f"  stages: {report['stages_placed']}, {report['stages_offset_s']:+.0f} s")
    slept, fragmentary = report["sleep"], report["jerks"]["fragmentary"]
    if not is_refusal(slept):
        click.echo(f"  sleep by {slept['rule']}: {slept['limits']}")
    if not is_refusal(fragmentary) and fragmentary["possible"]:
        click.echo(
            f"  possible fragmentary myoclonus: {fragmentary['longest_run_min']} min of 5 jerks "
            "or more a minute (a possibility, not a diagnosis)"
        )


def _lines(report):
    """Return [(words, figure, format)] of what the text shows; JSON holds the rest."""
    from notturno.refusals import is_refusal

    def part(whole, key):
        return whole if is_refusal(whole) else whole[key]

    jerks, slept = report["jerks"], report["sleep"]
    starts = jerks["sleep_starts"]
    lines = [
        ("recorded hours", report["recorded_h"], "{:.2f}"),
        ("countable hours", report["countable_h"], "{:.2f}"),
        ("hours of sleep", part(slept, "sleep_h"), "{:.2f}"),
        ("single jerks", jerks["single_jerks"], "{}"),
        ("  per countable hour", jerks["rates"]["per_countable_h"], "{:.2f}"),
        ("  per hour of sleep", jerks["rates"]["per_sleep_h"], "{:.2f}"),
        ("  in clusters", jerks["clusters"]["jerks_in_clusters"], "{}"),
        ("  median peak, mg", part(part(jerks["strength"], "peak_mg"), "p50"), "{:.0f}"),
        _starts_line(starts, "first"),
        _starts_line(starts, "later"),
        ("rhythmic runs, 0.3-4 Hz", jerks["rhythms"]["leg_0.3_4_hz"]["runs"], "{}"),
        ("rhythmic runs, 3-8 Hz", jerks["rhythms"]["clonic_3_8_hz"]["runs"], "{}"),
    ]
    for name, figures in report["movements"].items():
        lines += [
            (f"limb movements, {name}", figures["lm"], "{}"),
            ("  periodic in sleep", figures["plms"], "{}"),
            ("  periodic per hour of sleep", figures["plms_per_h"], "{:.2f}"),
            ("  periodicity index", figures["periodicity_index"], "{:.2f}"),
        ]
    return lines


def _starts_line(starts, which):
    """Return the line on possible sleep starts of the first or the later onsets of sleep."""
    from notturno.refusals import is_refusal

    words = f"possible sleep starts, {which} onset" + ("" if which == "first" else "s")
    if is_refusal(starts):
        return words, starts, "{}"
    key = f"around_{which}_onset" + ("" if which == "first" else "s")
    chance = starts[f"{key}_by_chance"]
    by_chance = "unknown" if is_refusal(chance) or chance is None else f"{chance:.1f}"
    form = "{} (by chance alone: " + by_chance + ")"
    if which == "first" and starts["asleep_from_the_start"]:
        form += " (asleep from the start: the onset was not seen)"
    return words, starts[key], form


def print_both_legs(both):
    """Print the main figures of two bands."""
    from notturno.refusals import is_refusal

    if is_refusal(both):
        click.echo(f"Both legs: - ({both.reason})")
        return
    click.echo(f"Both legs, {both['both_worn_h']:.2f} h worn at the same time")
    by_side = (
        ("single jerks by side", both["jerks"]),
        ("limb movements by side", both["movements"]),
    )
    for words, found in by_side:
        if is_refusal(found):
            click.echo(f"  {words}: - ({found.reason})")
            continue
        click.echo(
            f"  {words}: {found['bilateral']} of both legs, {found['left_only']} left only, "
            f"{found['right_only']} right only"
        )
    jerks, alternating = both["jerks"], both["alternating"]
    lag = None if is_refusal(jerks) else jerks["lag_ms"]
    if lag is not None and not is_refusal(lag):
        click.echo(
            f"  lag (right minus left): {lag['median']:.0f} ms, uncertain by "
            f"{lag['uncertainty']:.0f} ms"
        )
    told = (
        f"- ({alternating.reason})"
        if is_refusal(alternating)
        else counted(alternating["runs"], "run")
    )
    click.echo(f"  alternating (possible ALMA): {told}")
    _print_as_one_patient(both["by_rules"])


def _print_as_one_patient(scored):
    """Print both rule sets over the movements of both legs; a range where the clocks leave one."""
    from notturno.nights.columns import RULES
    from notturno.refusals import is_refusal

    if is_refusal(scored):
        click.echo(f"  both legs by the rules: - ({scored.reason})")
        return
    for rules, title in RULES:
        cells = []
        for key, words in (("lm", "LM"), ("plm", "PLM"), ("plms_per_h", "PLMS per hour of sleep")):
            value = scored[rules][key]
            if is_refusal(value):
                cells.append(f"{words} - ({value.reason})")
            elif isinstance(value, dict):
                cells.append(f"{words} {value['low']:.4g} to {value['high']:.4g} (clocks)")
            else:
                cells.append(f"{words} {value:.4g}")
        click.echo(f"  both legs by {title}: {', '.join(cells)}")
