"""The command `backup`: all of a data folder in one file, and the proof that it comes back."""

from pathlib import Path
from types import ModuleType

import click

from notturno.cli import passphrase as of_passphrase
from notturno.cli.options import HELP_NAMES, data_dir_option, json_option, open_for_reading
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _, counted

SCHEMA = "backup-1"


@click.command(context_settings=HELP_NAMES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Make no backup: prove that FILE comes back whole.")
@click.option("--passphrase", "sealed", is_flag=True, help="Seal it; asks for the passphrase.")
@of_passphrase.file_option
@click.option("--with-keys", is_flag=True, help="Also the bands' keys: who has them reads them.")
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@json_option
@data_dir_option
def command(
    file: Path,
    verify: bool,
    sealed: bool,
    passphrase_file: str | None,
    with_keys: bool,
    force: bool,
    as_json: bool,
    folder: str,
) -> None:
    """Write all that is stored into FILE: nights, what you said, settings. notturno restore takes
    it back.

    With --verify the drill is done: FILE is put into a folder of its own, every night is made
    again from the bands' records, and all is held against what was there when it was made.
    """
    from notturno.files import backup

    if verify:
        if with_keys or force:
            raise UserError("--verify writes no backup; leave --with-keys and --force out.")
        _verify(backup, file, passphrase_file, as_json)
        return
    import shlex
    import time

    from notturno.cli.progress import progress_bar
    from notturno.files.written import must_be_free

    must_be_free(file, force)
    where = data_dir(folder, create=False)
    keys = _keys(where) if with_keys else {}
    with open_for_reading(folder) as store:
        if not store.path.exists():
            raise UserError("There is nothing to keep yet: {path} is not there.", path=store.path)
        secret = of_passphrase.new(passphrase_file) if sealed or passphrase_file else None
        with progress_bar(_("keeping")):
            now_ms = int(time.time() * 1000)
            manifest = backup.write(file, store, keys, _config(), now_ms, secret, force)
    if as_json:
        print_json(
            {"schema": SCHEMA, "out": str(file.resolve()), "sealed": bool(secret)} | manifest
        )
        return
    counts = manifest["counts"]
    told = _("Kept: {nights}, {records} in {file}.")
    if secret:
        told = _("Kept: {nights}, {records} in {file}, sealed.")
    click.echo(told.format(file=file.resolve(), **_amounts(counts)))
    if keys:
        click.echo(
            _("With the keys of {bands}: keep it where you keep keys.").format(
                bands=counted(len(keys), "band")
            )
        )
    else:
        click.echo(_("Without the bands' keys (--with-keys): they stay in this folder alone."))
    named = shlex.quote(str(file))
    click.echo(_("Prove that it comes back:  notturno backup --verify {file}").format(file=named))


def _amounts(counts: dict[str, int]) -> dict[str, str]:
    return {
        "nights": counted(counts["nights"], "night"),
        "records": counted(counts["records"], "record"),
    }


def _keys(where: Path) -> dict[str, bytes]:
    from notturno.keys import KeyRing

    return KeyRing(where).all()


def _config() -> bytes | None:
    from notturno.configfile import config_path

    try:
        return config_path().read_bytes()
    except OSError:
        return None


def _verify(backup: ModuleType, file: Path, passphrase_file: str | None, as_json: bool) -> None:
    from notturno.cli.progress import progress_bar

    secret = of_passphrase.known(passphrase_file) if backup.is_sealed(file) else None
    with progress_bar(_("putting it into a folder of its own")):
        found = backup.drill(file, secret)
    if as_json:
        said = {"holds": found.holds(), "checks": found.checks, "otherwise": found.otherwise}
        print_json({"schema": SCHEMA} | said)
    else:
        for what, holds in found.checks.items():
            click.echo(f"{_('ok') if holds else _('NOT')}  {_(what)}")
        if found.otherwise:
            nights = counted(found.otherwise, "night")
            told = _("Made again by newer rules than those of then, other figures: {nights}.")
            click.echo(told.format(nights=nights))
    if not found.holds():
        raise UserError(
            "{file} does not come back as it was; make another, and keep this one.", file=file
        )
    if not as_json:
        told = _("{file} comes back whole: {nights}, {records}.")
        click.echo(told.format(file=file.name, **_amounts(found.manifest["counts"])))
