"""The command `restore`: a backup back into a data folder."""

from pathlib import Path

import click

from notturno.cli import passphrase as of_passphrase
from notturno.cli.options import HELP_NAMES, data_dir_option, json_option, open_for_writing
from notturno.cli.words import print_json
from notturno.errors import Phrase, UserError
from notturno.paths import data_dir
from notturno.words import _, counted, said

SCHEMA = "restore-1"


@click.command(context_settings=HELP_NAMES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@of_passphrase.file_option
@click.option("--force", is_flag=True, help="Also over existing data, which stay beside it.")
@click.option("--with-config", is_flag=True, help="Also the settings file that was kept.")
@json_option
@data_dir_option
def command(
    file: Path,
    passphrase_file: str | None,
    force: bool,
    with_config: bool,
    as_json: bool,
    folder: str,
) -> None:
    """Put the backup FILE into the data folder.

    All of it is checked first; existing data are left alone without --force, and with it they
    stay beside it under another name. Keys come back where the backup has them and none is here.
    """
    from datetime import datetime

    from notturno.cli.progress import progress_bar
    from notturno.files import backup
    from notturno.onlyone import AT_WORK, DATA_LOCK, only_one

    secret = of_passphrase.known(passphrase_file) if backup.is_sealed(file) else None
    where = data_dir(folder)
    with only_one(where / DATA_LOCK, AT_WORK), progress_bar(_("putting it in place")):
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        done = backup.put_in_place(file, secret, where, force, stamp)
    notes = _keys(where, done["keys"])
    if with_config:
        notes.append(_config(done["config"], force))
    with open_for_writing(str(where)) as store:  # a backup of an older notturno is brought up
        counts = store.counts()
    kept = None if done["kept"] is None else str(done["kept"])
    if as_json:
        print_json({"schema": SCHEMA, "counts": counts, "kept": kept, "notes": notes})
        return
    click.echo(
        _("Put into {where}: {nights}, {records}.").format(
            where=where,
            nights=counted(counts["nights"], "night"),
            records=counted(counts["records"], "record"),
        )
    )
    if kept:
        click.echo(_("What was there before: {kept}").format(kept=kept))
    for note in notes:
        click.echo(said(note))


def _keys(where: Path, keys: dict[str, bytes]) -> list[Phrase]:
    from notturno.keys import SAME, KeyRing

    notes, new = [], 0
    for device_id, key in keys.items():
        try:
            new += KeyRing(where).add(device_id, key, "backup") != SAME
        except UserError:
            notes.append(
                Phrase(
                    "The key of {device_id} here is another one and stays.", device_id=device_id
                )
            )
    if new:
        notes.append(Phrase("Keys of {bands} came back.", bands=counted(new, "band")))
    return notes


def _config(data: bytes, force: bool) -> Phrase:
    from notturno.configfile import config_path
    from notturno.files.written import whole_file

    if data is None:
        return Phrase("The backup holds no settings file.")
    path = config_path()
    if path.exists() and not force:
        return Phrase(
            "The settings file {path} is there already and stays (--force replaces it).", path=path
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, force) as stream:
        stream.write(data)
    return Phrase("The settings came back: {path}", path=path)
