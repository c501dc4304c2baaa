"""The command `import`: records that a phone fetched, into the logbook."""

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
from notturno.errors import UserError
from notturno.words import _, counted, night_line, said

SCHEMA = "import-1"


@click.command("import", context_settings=HELP_NAMES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@data_dir_option
def command(file, as_json, folder):
    """Take in the records file FILE that the phone page handed on (see notturno phone).

    As a sync: what is there already stays as it is, and twice adds nothing.
    """
    from notturno import records_file

    try:
        with open(file, "rb") as stream:
            data = stream.read(records_file.MOST_BYTES + 1)
    except OSError as error:
        raise UserError(
            "{file} cannot be read ({why_said}).", file=file, why_said=error.strerror
        ) from error
    given = records_file.parsed(data, str(file))
    with open_for_writing(folder) as store:
        pen = store.begin_sync(
            given.device_id, given.log_id, given.zone, given.firmware, given.fetched_utc_ms
        )
        added = store.add(pen, given.frames)
        seqs = [int.from_bytes(frame[:4], "little") for frame in given.frames]
        first = min(seqs, default=0)
        nights = store.nights_since_seq(given.device_id, given.log_id, first) if seqs else []
    warnings = _warnings(added)
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "device": given.device_id,
                "new_records": added.new_records,
                "new_events": added.new_events,
                "nights": nights,
                "warnings": warnings,
            }
        )
        return
    for warning in warnings:
        click.echo(f"notturno: {warning}", err=True)
    with open_for_reading(folder) as store:
        rows = [row for night in nights for row in store.nights(night=night)]
    for row in rows:
        if row["device_id"] == given.device_id:
            click.echo(night_line(row))
    click.echo(
        _("{records} ({events}) of {device_id} from {file}.  {footer}").format(
            records=counted(added.new_records, "new record"),
            events=counted(added.new_events, "event"),
            device_id=given.device_id,
            file=file.name,
            footer=_(FOOTER),
        )
    )


def _warnings(added):
    found = []
    if added.quarantined:
        found.append(
            _(
                "{records} differ from what is stored under their numbers; "
                "the stored ones stay, the others are kept aside."
            ).format(records=counted(len(added.quarantined), "record"))
        )
    found += [
        _("Record {seq} is stored, but cannot be read: {why_said}.").format(
            seq=seq, why_said=said(why)
        )
        for seq, why in added.unread
    ]
    return found[:10]
