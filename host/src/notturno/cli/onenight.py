"""All figures of one night, for `notturno stats --night`: printed, and set against older ones."""

import json

import click

from notturno.cli.night_words import print_both_legs, print_report
from notturno.cli.options import open_for_reading, stages_of, text_of, which_night
from notturno.cli.words import FOOTER, print_json
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
