"""How the report of one night is printed: its main figures, and those of both legs.

Touches the standard output alone; the figures are made in notturno.scoring.onenight.
"""

import click


def print_report(report):
    """Print the main figures of one night's report."""
    from notturno.refusals import is_refusal

    label = "simulated band" if report["simulated"] else "band"
    click.echo(f"Night {report['night']}, {label} {report['device_id']}")
    for words, value, form in _lines(report):
        said = f"- ({value.reason})" if is_refusal(value) else form.format(value)
        click.echo(f"  {words:<40}{said}")
    slept, fragmentary = report["sleep"], report["jerks"]["fragmentary"]
    if not is_refusal(slept):
        click.echo(f"  sleep by {slept['rule']}: {slept['limits']}")
    if not is_refusal(fragmentary) and fragmentary["possible"]:
        click.echo(
            f"  possible fragmentary myoclonus: {fragmentary['longest_run_min']} min of 5 jerks "
            "or more a minute (a possibility, not a diagnosis)"
        )
    click.echo(f"  {report['note']}")


def _lines(report):
    """Return [(words, figure, format)] of what the text shows; JSON holds the rest."""
    from notturno.refusals import is_refusal

    def part(whole, key):
        return whole if is_refusal(whole) else whole[key]

    jerks, slept = report["jerks"], report["sleep"]
    starts = jerks["sleep_starts"]
    seen = is_refusal(starts) or not starts["asleep_from_the_start"]
    form = "{}" if seen else "{} (asleep from the start: the onset was not seen)"
    lines = [
        ("recorded hours", report["recorded_h"], "{:.2f}"),
        ("hours of sleep", part(slept, "sleep_h"), "{:.2f}"),
        ("single jerks", jerks["single_jerks"], "{}"),
        ("  per recorded hour", jerks["rates"]["per_recorded_h"], "{:.2f}"),
        ("  per hour of sleep", jerks["rates"]["per_sleep_h"], "{:.2f}"),
        ("  in clusters", jerks["clusters"]["jerks_in_clusters"], "{}"),
        ("  median peak, mg", part(part(jerks["strength"], "peak_mg"), "p50"), "{:.0f}"),
        ("possible sleep starts, first onset", part(starts, "around_first_onset"), form),
        (
            "possible sleep starts, later onsets",
            part(starts, "around_later_onsets"),
            "{}",
        ),
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


def print_both_legs(both):
    """Print the main figures of two bands."""
    from notturno.refusals import is_refusal

    if is_refusal(both):
        click.echo(f"Both legs: - ({both.reason})")
        return
    click.echo(f"Both legs, {both['both_worn_h']:.2f} h worn at the same time")
    for words, found in (("single jerks", both["jerks"]), ("limb movements", both["movements"])):
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
    told = alternating.reason if is_refusal(alternating) else f"{alternating['runs']} runs"
    click.echo(f"  alternating (possible ALMA): {told}")
