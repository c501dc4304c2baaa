"""The command `stimuli`: do the movements of a night follow sounds, lights or touches?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno.cli.given import text_of
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    data_dir_option,
    json_option,
    night_argument_and_option,
    open_for_reading,
    open_for_writing,
    which_night,
)
from notturno.cli.words import FOOTER, print_json
from notturno.errors import UserError
from notturno.words import _, counted, said

if TYPE_CHECKING:
    from notturno.refusals import Refusal

SCHEMA = "stimuli-1"
KINDS = {"jerks": ("jerk", "single jerks"), "lms": ("lm", "limb movements")}


@click.command(context_settings=HELP_NAMES)
@click.argument("file", metavar="FILE.csv")
@night_argument_and_option
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="jerks",
    show_default=True,
    help="Which movements may have followed.",
)
@json_option
@data_dir_option
def command(file: str, night: str | None, kind: str, as_json: bool, folder: str) -> None:
    """Keep the times of a CSV file and test whether movements follow them.

    Its header names one column of times: utc (2026-01-31T22:40:00Z), local (22:40:05.250, by the
    clock of the night) or onset_s (seconds from the start of the recording); and, if you like,
    kind (sound, light ...).
    """
    text = text_of(file)
    with open_for_reading(folder) as store:
        night = which_night(store, night)
        if night is None:
            raise UserError("{nothing_said}.", nothing_said=NOTHING_YET)
        devices = sorted({row["device_id"] for row in store.sessions(night)})
        inputs = {device: store.night_inputs(night, device) for device in devices}
    from notturno import refusals

    tests = [_of_band(inputs[device], text, kind) for device in devices]
    found: list[dict] = [
        {"device_id": device, "kind": kind, "test": test}
        for device, (test, _stimuli) in zip(devices, tests, strict=True)
    ]
    kept = tests[0][1]  # on the first band's axis

    with open_for_writing(folder) as store:
        store.keep_stimuli(night, Path(file).name, kept)
    if as_json:
        whole = {"schema": SCHEMA, "night": night, "bands": refusals.to_json(found)}
        print_json(whole | {"note": FOOTER})
        return
    click.echo(
        _("Night {night}: {stimuli} in {file}").format(
            night=night, stimuli=counted(len(kept), "stimulus", "stimuli"), file=file
        )
    )
    for band in found:
        click.echo(
            _("band {device_id}, {kinds}").format(
                device_id=band["device_id"], kinds=_(KINDS[kind][1])
            )
        )
        for line in _lines(band["test"]):
            click.echo(f"  {line}")
    click.echo(_(FOOTER))


def _of_band(inputs: Any, text: str, kind: str) -> tuple[dict | Refusal, list[dict]]:
    """Return (the test or a Refusal, the stimuli of the file on this band's axis)."""
    from notturno.nights.axis import night_axis
    from notturno.nights.calendar import zone_info
    from notturno.scoring.onenight.stimuli import locked
    from notturno.store.stimuli import read_csv

    sessions, rows, bed, _facts = inputs
    axis = night_axis(rows["events"], rows["minutes"], sessions, rows["gaps"], bed)
    stimuli = read_csv(text, zone_info(sessions[0]["zone"]), axis.origin_utc_ms)
    onsets = [event["onset_us"] for event in axis.counted(KINDS[kind][0])]
    return locked(onsets, [each["onset_us"] for each in stimuli], axis.countable), stimuli


def _lines(test: dict) -> list[str]:
    """Return what the test says, as lines of text."""
    from notturno.refusals import is_refusal

    if is_refusal(test):
        return [_("no test: {reason}").format(reason=said(test))]
    lines = [
        _(
            "{answered} of {stimuli} answered within {response_ms:.0f} "
            "ms ({answered_by_chance:.1f} by chance), p {p:.4f}"
        ).format(
            answered=test["answered"],
            stimuli=counted(test["stimuli"], "stimulus", "stimuli"),
            response_ms=test["response_ms"][1],
            answered_by_chance=test["answered_by_chance"],
            p=test["p"],
        ),
        f"({said(test['method'])})",
    ]
    if not is_refusal(test["delay_ms"]):
        lines.insert(1, _("median delay {delay_ms:.0f} ms").format(delay_ms=test["delay_ms"]))
    if test["stimuli_left_out"]:
        lines.append(
            _("left out: {stimuli_left_out} outside the recording").format(
                stimuli_left_out=test["stimuli_left_out"]
            )
        )
    return lines
