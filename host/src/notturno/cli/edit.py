"""The command `edit`: correct a night; what a person says stands above what was estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    night_argument_and_option,
    open_for_reading,
    open_for_writing,
    which_night,
)
from notturno.cli.words import print_json, print_table
from notturno.errors import UserError
from notturno.words import _

if TYPE_CHECKING:
    from notturno.store import Store

SCHEMA = "edits-1"
NO_EDITS = "Nothing was edited yet:  notturno edit NIGHT --bed 22:40 --wake 06:55"


@click.command(context_settings=HELP_NAMES)
@night_argument_and_option
@click.option("--zone", metavar="ZONE", help="The time zone of the night, e.g. Europe/Rome.")
@click.option("--bed", metavar="HH:MM", help="When you lay down, by the clock of the night.")
@click.option("--wake", metavar="HH:MM", help="When you rose.")
@click.option("--exclude", metavar="REASON", help="Keep the night out of all figures, and why.")
@click.option("--include", is_flag=True, help="Take the exclusion back.")
@click.option("--undo", is_flag=True, help="Take the last edit of the night back.")
@click.option("--list", "listing", is_flag=True, help="List what was edited (NIGHT: of it alone).")
@click.option("--band", metavar="BAND", help="Of this band alone, where several recorded it.")
@json_option
@data_dir_option
def command(
    night: str | None,
    zone: str | None,
    bed: str | None,
    wake: str | None,
    exclude: str | None,
    include: bool,
    undo: bool,
    listing: bool,
    band: str | None,
    as_json: bool,
    folder: str,
) -> None:
    """Correct a NIGHT (date of its evening; otherwise the latest), as every band recorded it.

    Nothing recorded is changed, and each edit can be taken back.
    """
    said = _checked(zone, bed, wake, exclude, include)
    if sum((bool(said), undo, listing)) != 1:
        raise UserError(
            "Say what to correct: --zone, --bed, --wake, --exclude or --include; or give --undo "
            "or --list alone."
        )
    with open_for_reading(folder) as store:
        if not (listing and night is None):
            night = which_night(store, night)
            if night is None:
                raise UserError("There is no night to edit yet; run notturno sync first.")
        device_id = None if band is None else store.band_id(band)
        if not listing and device_id is not None:
            _check_recorded(store, night, device_id)
    if not listing:
        with open_for_writing(folder) as store:
            if undo:
                undone = store.undo_edit(night, device_id)
                night = store.night_of_edit(undone["edit_id"])
            else:
                night = store.edit(night, device_id, said)
    _print(night, device_id, listing, as_json, folder)


def _checked(
    zone: str | None, bed: str | None, wake: str | None, exclude: str | None, include: bool
) -> dict[str, str]:
    """Return {field: text} of what was given; raises UserError where one is wrong."""
    from notturno.store import edits
    from notturno.store.dates import clock_time, zone_name

    if include and exclude is not None:
        raise UserError("Give --exclude or --include, not both.")
    if exclude is not None and not exclude.strip():
        raise UserError('Say why the night is excluded: --exclude "slept elsewhere".')
    said = {
        "zone": None if zone is None else zone_name(zone),
        "bed": None if bed is None else clock_time(bed),
        "wake": None if wake is None else clock_time(wake),
        "exclude": edits.INCLUDED if include else exclude and exclude.strip(),
    }
    return {name: text for name, text in said.items() if text is not None}


def _check_recorded(store: Store, night: str | None, device_id: str) -> None:
    if device_id not in {row["device_id"] for row in store.sessions(night)}:
        raise UserError(
            "The band {device_id} did not record the night {night}.",
            device_id=device_id,
            night=night,
        )


def _print(
    night: str | None, device_id: str | None, listing: bool, as_json: bool, folder: str
) -> None:
    """Print what holds now for the night, or the list of what was edited."""
    with open_for_reading(folder) as store:
        rows = store.edits(night, device_id)
        holds = None if listing else store.edits_in_force(night, device_id)
        names = {one["device_id"]: one["name"] or one["device_id"] for one in store.bands()}
    if as_json:
        print_json({"schema": SCHEMA, "night": night, "in_force": holds, "edits": rows})
        return
    if holds is not None:
        texts = [f"{_(name)} {text}" for name, text in holds.items() if text is not None]
        click.echo(
            _("Night {night}, as you say it: {texts}.").format(
                night=night, texts=", ".join(texts) or _("nothing")
            )
        )
        return
    if not rows:
        click.echo(
            _(NO_EDITS)
            if night is None
            else _("Nothing of the night {night} was edited.").format(night=night)
        )
        return
    from notturno.nights.calendar import local_text, local_zone_name

    zone = local_zone_name()
    print_table(
        ["night", "band", "said", "on", _("taken back")],
        [
            [
                row["night"],
                names[row["device_id"]],
                _said(row),
                local_text(row["made_utc_ms"], zone),
                "-" if row["removed_utc_ms"] is None else local_text(row["removed_utc_ms"], zone),
            ]
            for row in rows
        ],
    )


def _said(row: dict) -> str:
    names = {"zone": _("zone"), "bed": _("bed"), "wake": _("wake")}
    texts = [f"{told} {row[name]}" for name, told in names.items() if row[name] is not None]
    if row["exclude"] is not None:
        texts.append(
            _("exclude: {exclude}").format(exclude=row["exclude"])
            if row["exclude"]
            else _("include")
        )
    return ", ".join(texts)
