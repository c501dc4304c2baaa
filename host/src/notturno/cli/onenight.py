"""All figures of one night, for `notturno stats --night`: printed, and set against older ones."""

import json

import click

from notturno.cli.nights import open_for_reading, which_night
from notturno.cli.output import FOOTER, print_json
from notturno.cli.score import stages_of, text_of
from notturno.errors import UserError

ROWS = ("events", "minutes", "sessions", "gaps", "marks")


def run(night, sleep_rule, stages, left, against, as_json, folder):
    """Print the whole report of one night, band by band.

    Each may be None. sleep_rule: a name; stages: a hypnogram file; left: the device id of the
    left leg's band; against: a JSON file.
    """
    from notturno import refusals
    from notturno.scoring.onenight.report import night_report

    if stages and sleep_rule:
        raise UserError("Give --stages or --sleep, not both.")
    options = {"sleep_rule": sleep_rule} if sleep_rule else {}
    if stages:
        options["stages"] = stages_of(stages).rows
    with open_for_reading(folder) as store:
        night = which_night(store, night)
        devices = [row["device_id"] for row in store.nights() if row["night"] == night]
        rows = {
            device: [getattr(store, name)(night, device) for name in ROWS] for device in devices
        }
    reports = [night_report(*rows[device], **options) for device in devices]
    both = None if left is None else _both_legs(rows, left)
    printable = refusals.to_json(reports)
    differences = _differences(against, printable, night) if against else None
    if as_json:
        whole = {"night": night, "bands": printable, "note": FOOTER}
        if both is not None:
            whole["two_bands"] = refusals.to_json(both)
        if differences is not None:
            whole["difference"] = differences
        print_json(whole)
        return
    for report in reports:
        print_report(report)
    if both is not None:
        print_both_legs(both)
    if differences is not None:
        click.echo(f"Changed since {against}: {json.dumps(differences, indent=1)}")
    click.echo()
    click.echo(FOOTER)


def _both_legs(rows, left):
    """Return the figures of two bands; raises UserError where there are not two."""
    from notturno.nights.axis import night_axis
    from notturno.scoring.onenight import two_bands

    if len(rows) != 2 or left not in rows:
        raise UserError(f"Both legs need two bands, one of them {left}; there is: {_list(rows)}.")
    (right,) = (device for device in rows if device != left)
    axes, errors = [], []
    for device in (left, right):
        events, minutes, sessions, gaps, _ = rows[device]
        axes.append(night_axis(events, minutes, sessions, gaps))
        each = [session["clock_error_ms"] for session in sessions]
        errors.append(None if None in each else max(each))
    return two_bands.figures(*axes, errors)


def _list(names):
    return ", ".join(sorted(names))


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


def _differences(path, reports, night):
    """Return {device_id: report.changes} against the JSON file of an earlier print."""
    from notturno.scoring.onenight.report import changes

    try:
        old = json.loads(text_of(path))
        if old["night"] != night:
            raise UserError(f"{path} is of the night {old['night']}, not of {night}.")
        before = {report["device_id"]: report for report in old["bands"]}
        return {
            report["device_id"]: changes(before[report["device_id"]], report)
            for report in reports
            if report["device_id"] in before
        }
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"{path} is not the JSON of one night; make it with notturno stats --night --json."
        ) from None


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
