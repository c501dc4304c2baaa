"""The command `forget`: a night, a band or everything out of this computer, for good."""

import click

from notturno.cli.asking import agreed, nothing_changed
from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    night_argument_and_option,
    open_for_reading,
    open_for_writing,
    which_night,
)
from notturno.cli.part_words import parts_text
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _, counted

SCHEMA = "forget-1"
ELSEWHERE = (
    "What is not in this folder is not touched: backups, exports, reports and pages that you "
    "made, the settings file, other computers, and the band itself.",
    "A disk may keep old blocks where no program reaches them (flash cells, snapshots, its own "
    "backups); a disk that is encrypted as a whole closes that door.",
)
BAND_KEEPS = "What the band still has in its own memory, the next sync does not bring back."


@click.command(context_settings=HELP_NAMES)
@night_argument_and_option
@click.option(
    "--band", metavar="BAND", help="A band with all its nights; with NIGHT: only its part."
)
@click.option("--everything", is_flag=True, help="All that this folder holds, keys too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@data_dir_option
def command(
    night: str | None, band: str | None, everything: bool, yes: bool, as_json: bool, folder: str
) -> None:
    """Delete NIGHT, a band or everything for good, with all that you said of it.

    Deleted is deleted: the file is overwritten where it was and written anew. Says what remains
    elsewhere. (notturno bands forget takes a band out, to be synced again from the start.)
    """
    if sum((night is not None, everything)) > 1 or (everything and band):
        raise UserError("Give NIGHT, --band or --everything.")
    if night is None and band is None and not everything:
        raise UserError("Say what is to be forgotten: a night, --band BAND, or --everything.")
    if as_json and not yes:
        raise UserError("--json asks nothing; add --yes where you are sure.")
    if everything:
        gone = _everything(folder, yes)
    else:
        gone = _part(folder, night, band, yes)
    if gone is None:
        return
    if as_json:
        print_json({"schema": SCHEMA, "gone": gone, "elsewhere": list(ELSEWHERE)})
        return
    words = parts_text(gone) or _("nothing was there")
    click.echo(_("Gone for good: {what}.").format(what=words))
    if night is not None:
        click.echo(_(BAND_KEEPS))
    for sentence in ELSEWHERE:
        click.echo(_(sentence))


def _part(folder: str, night: str | None, band: str | None, yes: bool) -> dict[str, int]:
    with open_for_reading(folder) as store:
        key = None if night is None else which_night(store, night)
        device = None if band is None else store.band_id(band)
        naps = []
        if key is not None:
            rows = store.nights(night=key, device_id=device)
            naps = [nap["night"] for row in rows for nap in row["naps"]]
    if key is None:
        question = _("Delete the band {band} with all its nights for good?").format(band=device)
    elif not naps:
        question = _("Delete the night {night} for good?").format(night=key)
    else:
        question = _("Delete the night {night} for good (its {naps} stay: {names})?").format(
            night=key, naps=counted(len(naps), "nap"), names=", ".join(naps)
        )
    if not yes:
        agreed(question, abort=True)
    from notturno.cli.progress import progress_bar

    with open_for_writing(folder) as store:
        with progress_bar(_("deleting")):
            if key is not None:
                gone = store.erase_night(key, device)
            else:
                assert device is not None  # one of the two is given
                gone = store.erase_band(device)
            store.shrink()
    if key is None:
        from notturno.keys import KeyRing

        gone["keys"] = int(KeyRing(data_dir(folder)).remove(gone["device_id"]))
    return {name: number for name, number in gone.items() if isinstance(number, int)}


def _everything(folder: str, yes: bool) -> dict[str, int] | None:
    from notturno.files import gone as of_everything

    where = data_dir(folder, create=False)
    found = of_everything.found(where)
    if not found:
        click.echo(_("There is nothing of notturno in {where}.").format(where=where))
        return None
    if not yes:
        for path in found:
            click.echo(str(path))
        said = click.prompt(_("Delete all of these for good? Write  everything  to do it"))
        if said.strip() != "everything":
            raise nothing_changed()
    from notturno.onlyone import AT_WORK, DATA_LOCK, only_one

    with only_one(where / DATA_LOCK, AT_WORK):
        return of_everything.delete(where, found)
