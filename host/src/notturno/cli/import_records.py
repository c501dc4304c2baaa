"""The command `import`: what a phone, another notturno, a tracker or a laboratory wrote."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.part_words import parts_text
from notturno.cli.words import FOOTER, print_json
from notturno.errors import Phrase, UserError
from notturno.words import _, counted, night_line, said

if TYPE_CHECKING:
    from notturno.files.taking import Taken
    from notturno.store import Store
    from notturno.store.added import Added

SCHEMA = "import-1"
MOST_SHOWN = 20  # of what was refused; --json prints all


@click.command("import", context_settings=HELP_NAMES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--night", metavar="NIGHT", help="The night that a laboratory's file belongs to.")
@click.option("--zone", metavar="ZONE", help="Zone of times that say none (else this computer's).")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; store nothing.")
@json_option
@data_dir_option
def command(
    file: Path, night: str | None, zone: str | None, dry_run: bool, as_json: bool, folder: str
) -> None:
    """Take in FILE, whatever it is of these; twice the same adds nothing.

    What the phone page handed on (notturno phone), what notturno export --format json wrote;
    when you slept, by Sleep as Android (sleep-export.csv), Fitbit (CSV, JSON), Oura (JSON), Garmin
    (sleepData.json), Withings (sleep.csv), Apple Health (export.xml, or its zip), Health Connect
    (its export), or a CSV with bed,wake[,zone]: bed and wake times of nights of which you
    said none yourself; a diary (CSV night,what,amount,unit,at,note); what a laboratory scored:
    RemLogic's events as text, EDF+ annotations, NSRR XML, a hypnogram (CSV onset_s,stage), kept
    with its night.
    """
    from notturno.cli.progress import progress_bar
    from notturno.files import taking

    if zone is not None:
        from notturno.store.dates import zone_name

        zone = zone_name(zone)
    data = taking.read(file)
    given = taking.understood(file, data, zone)
    with _store(folder, dry_run) as store:
        if hasattr(given, "frames"):
            _of_phone(store, file, given, as_json, dry_run)
            return
        with progress_bar(_("taking it in")):
            taken = taking.take(store, given, file, data, night)
    if as_json:
        print_json({"schema": SCHEMA, "dry_run": dry_run, **taken._asdict()})
    else:
        _print_taken(file, taken, dry_run)
    if taken.all_refused:
        raise UserError(
            "No entry of {name} could be read; the reasons say what to mend.", name=file.name
        )


def _print_taken(file: Path, taken: Taken, dry_run: bool) -> None:
    click.echo(_("{file} is {kind}.").format(file=file.name, kind=said(taken.kind)))
    for note in taken.notes:
        click.echo(said(note))
    for reason in taken.refused[:MOST_SHOWN]:
        click.echo("notturno: " + _("left out: {reason}").format(reason=said(reason)), err=True)
    more = len(taken.refused) - MOST_SHOWN
    if more > 0:
        click.echo("notturno: " + _("and {more} more (see --json).").format(more=more), err=True)
    new = parts_text(taken.added) or _("nothing")
    would = _("Would be new: {new}.") if dry_run else _("New: {new}.")
    click.echo(would.format(new=new) + "  " + _(FOOTER))


@contextlib.contextmanager
def _store(folder: str, dry_run: bool) -> Iterator[Store]:
    """Give the logbook for writing; for a dry run a copy of it that is thrown away."""
    if not dry_run:
        with open_for_writing(folder) as store:
            yield store
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="notturno-") as copy:
        with open_for_reading(folder) as store:
            store.copy_to(Path(copy) / store.path.name)
        with open_for_writing(copy) as store:
            yield store


def _of_phone(store: Store, file: Path, given: Any, as_json: bool, dry_run: bool) -> None:
    pen = store.begin_sync(
        given.device_id, given.log_id, given.zone, given.firmware, given.fetched_utc_ms
    )
    added = store.add(pen, given.frames)
    seqs = [int.from_bytes(frame[:4], "little") for frame in given.frames]
    nights = store.nights_since_seq(given.device_id, given.log_id, min(seqs)) if seqs else []
    warnings = _warnings(added)
    if as_json:
        document = {
            "schema": SCHEMA,
            "device": given.device_id,
            "new_records": added.new_records,
            "new_events": added.new_events,
            "nights": nights,
            "warnings": warnings,
        }
        print_json(document | ({"dry_run": True} if dry_run else {}))
        return
    for warning in warnings:
        click.echo(f"notturno: {said(warning)}", err=True)
    for night in nights:
        for row in store.nights(night=night):
            if row["device_id"] == given.device_id:
                click.echo(night_line(row))
    told = _("{records} ({events}) of {device} from {file}.")
    if dry_run:
        told = _("Would be new: {records} ({events}) of {device} from {file}.")
    click.echo(
        told.format(
            records=counted(added.new_records, "new record"),
            events=counted(added.new_events, "event"),
            device=given.device_id,
            file=file.name,
        )
        + "  "
        + _(FOOTER)
    )


def _warnings(added: Added) -> list[Phrase]:
    found = []
    if added.quarantined:
        found.append(
            Phrase(
                "{records} differ from what is stored under their numbers; the stored ones stay, "
                "the others are kept aside.",
                records=counted(len(added.quarantined), "record"),
            )
        )
    found += [
        Phrase("Record {seq} is stored, but cannot be read: {why_said}.", seq=seq, why_said=why)
        for seq, why in added.unread
    ]
    return found[:10]
