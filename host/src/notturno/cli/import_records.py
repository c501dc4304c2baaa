"""The command `import`: what a phone, another notturno, a tracker or a laboratory wrote."""

import contextlib
from pathlib import Path

import click

from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.words import FOOTER, print_json
from notturno.words import counted, night_line

SCHEMA = "import-1"
MOST_SHOWN = 20  # of what was refused; --json prints all


@click.command("import", context_settings=HELP_NAMES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--night", metavar="NIGHT", help="The night that a laboratory's file belongs to.")
@click.option("--zone", metavar="ZONE", help="Zone of times that say none (else this computer's).")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; store nothing.")
@json_option
@data_dir_option
def command(file, night, zone, dry_run, as_json, folder):
    """Take in FILE, whatever it is of these; twice the same adds nothing.

    What the phone page handed on (notturno phone), what notturno export --format json wrote;
    when you slept, by Sleep as Android (sleep-export.csv), Fitbit (CSV, JSON), Oura (JSON), Health
    Connect (its export), or a CSV with bed,wake[,zone]: bed and wake times of nights of which you
    said none yourself; a diary (CSV night,what,amount,unit,at,note); what a laboratory scored:
    RemLogic's events as text, EDF+ annotations, NSRR XML, a hypnogram (CSV onset_s,stage), kept
    with its night.
    """
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
        taken = taking.take(store, given, file, data, night)
    if as_json:
        print_json({"schema": SCHEMA, "dry_run": dry_run, **taken._asdict()})
        return
    click.echo(f"{file.name} is {taken.kind}.")
    for note in taken.notes:
        click.echo(note)
    for reason in taken.refused[:MOST_SHOWN]:
        click.echo(f"notturno: left out: {reason}", err=True)
    if len(taken.refused) > MOST_SHOWN:
        click.echo(f"notturno: and {len(taken.refused) - MOST_SHOWN} more (see --json).", err=True)
    new = ", ".join(f"{name} {number}" for name, number in taken.added.items() if number)
    would = "Would be new" if dry_run else "New"
    click.echo(f"{would}: {new or 'nothing'}.  {FOOTER}")


@contextlib.contextmanager
def _store(folder, dry_run):
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


def _of_phone(store, file, given, as_json, dry_run):
    pen = store.begin_sync(
        given.device_id, given.log_id, given.zone, given.firmware, given.fetched_utc_ms
    )
    added = store.add(pen, given.frames)
    seqs = [int.from_bytes(frame[:4], "little") for frame in given.frames]
    first = min(seqs, default=0)
    nights = store.nights_since_seq(given.device_id, given.log_id, first) if seqs else []
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
        click.echo(f"notturno: {warning}", err=True)
    for night in nights:
        for row in store.nights(night=night):
            if row["device_id"] == given.device_id:
                click.echo(night_line(row))
    would = "Would be new: " if dry_run else ""
    click.echo(
        f"{would}{counted(added.new_records, 'new record')} "
        f"({counted(added.new_events, 'event')}) of {given.device_id} from {file.name}.  {FOOTER}"
    )


def _warnings(added):
    found = []
    if added.quarantined:
        found.append(
            f"{counted(len(added.quarantined), 'record')} differ from what is stored under their "
            "numbers; the stored ones stay, the others are kept aside."
        )
    found += [f"Record {seq} is stored, but cannot be read: {why}." for seq, why in added.unread]
    return found[:10]
