"""All figures of one night, for `notturno stats --night`: printed, and set against older ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from notturno.cli.given import stages_of, text_of
from notturno.cli.night_words import print_both_legs, print_report
from notturno.cli.options import open_for_reading, which_night
from notturno.cli.words import FOOTER, print_json
from notturno.errors import UserError
from notturno.times import HOUR_MS, HOUR_US
from notturno.words import _, said

if TYPE_CHECKING:
    from notturno.refusals import Refusal
    from notturno.scoring.movements.lists import StageList
    from notturno.scoring.onenight.lab_stages import Placed
    from notturno.store import Store

SCHEMA = "night-1"
KEPT = "lab"  # in the place of a file: the hypnogram that was imported


def run(
    night: str | None,
    sleep_rule: str | None,
    stages: str | None,
    stages_offset_s: str | None,
    left: str | None,
    against: str | None,
    as_json: bool,
    folder: str | None,
) -> None:
    """Print the whole report of one night, band by band.

    Each may be None. sleep_rule: a name; stages: a hypnogram file, or KEPT; stages_offset_s:
    text, what is added to its place; left: the name or id of the left leg's band, where the bands
    have no sides; against: a JSON file.
    """
    from notturno import refusals
    from notturno.scoring.onenight.report import night_report

    if stages and sleep_rule:
        raise UserError("Give --stages or --sleep, not both.")
    if stages_offset_s is not None and not stages:
        raise UserError("--stages-offset moves a hypnogram: give it with --stages FILE.")
    options: dict[str, Any] = {"sleep_rule": sleep_rule} if sleep_rule else {}
    hypnogram = stages_of(stages) if stages and stages != KEPT else None
    with open_for_reading(folder) as store:
        night = which_night(store, night)
        if stages == KEPT and night is not None:
            hypnogram = _kept(store, night)
        summary = [] if night is None else store.nights(night=night)
        persons = [] if night is None else store.person_nights([night])
        inputs = {
            row["device_id"]: store.night_inputs(row["night"], row["device_id"]) for row in summary
        }
        left = None if left is None else store.band_id(left)
    reports, placed = [], None
    for row, (sessions, rows, bed, facts) in zip(summary, inputs.values(), strict=True):
        if hypnogram is not None:
            placed = _placed(hypnogram, row, stages_offset_s)
            options["stages"] = placed.rows
        lists = (rows["events"], rows["minutes"], sessions, rows["gaps"], rows["marks"])
        report = night_report(*lists, facts=facts, in_bed_utc_ms=bed, **options)
        if placed is not None:
            report["stages_offset_s"], report["stages_placed"] = placed.offset_s, placed.how
        reports.append(report)
    verdict = _verdict(persons or summary)
    of_bands = {report["device_id"]: report for report in reports}
    both = _both_legs(inputs, left, of_bands, verdict)
    printable = refusals.to_json(reports)
    differences = _differences(against, printable, night) if against else None
    if as_json:
        whole = {"schema": SCHEMA, "night": night, "summary": summary, "bands": printable}
        if both is not None:
            whole["two_bands"] = refusals.to_json(both)
        if differences is not None:
            whole["difference"] = differences
        print_json(whole | {"note": FOOTER})
        return
    for report in reports:
        print_report(report)
    if both is not None:
        print_both_legs(both)
    if differences is not None:
        click.echo(
            _("Changed since {against}: {dumps}").format(
                against=against, dumps=json.dumps(differences, indent=1)
            )
        )
    click.echo()
    for note in dict.fromkeys(report["note"] for report in reports):
        click.echo(said(note))
    click.echo(_(FOOTER))


def _kept(store: Store, night: str) -> StageList:
    """Return the StageList of a night that was imported last; raises UserError without one."""
    from collections import Counter
    from datetime import datetime

    from notturno.scoring.movements.lists import StageList

    kept = [] if night is None else store.lab_lists(night, "stages")
    if not kept:
        raise UserError(
            "No hypnogram was imported for the night {night}; see notturno import --help.",
            night=night,
        )
    said = kept[-1]["start_local"]
    start = None if said is None else datetime.fromisoformat(said)
    rows = [(round(onset_s * 1e6), stage) for onset_s, stage in kept[-1]["rows"]]
    return StageList(rows, start, _("the file had no date") if start is None else None, Counter())


def _placed(hypnogram: StageList, row: dict, offset_s: str | None) -> Placed:
    """Return the hypnogram on the axis of a night's row (lab_stages.Placed)."""
    from notturno.scoring.onenight.lab_stages import place_stages

    start_ms, end_ms = row["start_utc_ms"], row["end_utc_ms"]
    lasts_h = row["recorded_h"] if start_ms is None else (end_ms - start_ms) / HOUR_MS
    return place_stages(
        hypnogram.rows,
        hypnogram.start_local,
        start_ms,
        round(lasts_h * HOUR_US),
        row["zone"],
        0 if offset_s is None else offset_s,
        hypnogram.no_start,
    )


def _verdict(rows: list[dict]) -> Refusal | None:
    """Return the first Refusal of a rate in the rows of a night, or None."""
    from notturno.refusals import from_json

    return next((from_json(row["refusal"]) for row in rows if row["refusal"]), None)


def _both_legs(
    inputs: dict[str, tuple], left: str | None, reports: dict[str, dict], verdict: Refusal | None
) -> dict | Refusal | None:
    """Return the figures of two bands, None where no sides are known; sleep is the left one's.

    verdict: why there is no rate of the night of both, or None.
    Raises UserError where --left names a band but there are not two.
    """
    from notturno.nights.axis import night_axis
    from notturno.refusals import is_refusal
    from notturno.scoring.onenight import two_bands

    sides = {device: facts.side for device, (_, _, _, facts) in inputs.items()}
    if left is not None:
        if len(inputs) != 2 or left not in inputs:
            there = ", ".join(sorted(inputs))
            raise UserError(
                "Both legs need two bands, one of them {left}; there is: {there}.",
                left=left,
                there=there,
            )
        sides = {device: "L" if device == left else "R" for device in inputs}
    if sorted(sides.values()) != ["L", "R"]:
        return None
    axes, errors = [], []
    for device in sorted(sides, key=sides.__getitem__):
        sessions, rows, bed, _ = inputs[device]
        axes.append(night_axis(rows["events"], rows["minutes"], sessions, rows["gaps"], bed))
        each = [session["clock_error_ms"] for session in sessions]
        errors.append(None if None in each else max(each))
    slept = reports[min(sides, key=sides.__getitem__)]["sleep"]
    stages = None if is_refusal(slept) else slept["stages"]
    return two_bands.figures(axes[0], axes[1], errors, stages, verdict)


def _differences(path: str, reports: list[dict], night: str | None) -> dict[str, dict[str, dict]]:
    """Return {device_id: report.changes} against the JSON file of an earlier print."""
    from notturno.scoring.onenight.report import changes

    try:
        old = json.loads(text_of(path))
        if old["night"] != night:
            raise UserError(
                "{path} is of the night {night}, not of {asked}.",
                path=path,
                night=old["night"],
                asked=night,
            )
        before = {report["device_id"]: report for report in old["bands"]}
        return {
            report["device_id"]: changes(before[report["device_id"]], report)
            for report in reports
            if report["device_id"] in before
        }
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise UserError(
            "{path} is not the JSON of one night; make it with notturno stats --night --json.",
            path=path,
        ) from None
