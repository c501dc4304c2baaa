"""The command `bands forget`: a band, or a part of what it gave, out of the logbook."""

import click

from notturno.cli.asking import agreed
from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.words import _, counted

SCHEMA = "bands-forget-1"


@click.command("forget", context_settings=HELP_NAMES)
@click.argument("band", metavar="BAND")
@click.option("--log", "log_text", metavar="LOG", help="One of its logs alone (8 hex digits).")
@click.option(
    "--synced-since",
    metavar="TIME",
    help="What syncs since this local time brought, and nothing else.",
)
@click.option("--keep-key", is_flag=True, help="Keep the band's key, to sync it again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@data_dir_option
@click.pass_obj
def forget(
    group_folder,
    band: str,
    log_text: str | None,
    synced_since: str | None,
    keep_key: bool,
    yes: bool,
    as_json: bool,
    folder: str,
) -> None:
    """Take BAND (its id, the beginning of it, or its name) out of the logbook, for good.

    All its records go, its nights, its name and its key; what the band itself still has a later
    sync fetches again, if the key is kept. With --log or --synced-since only that part goes, and
    the key stays: that is the way out for records that are not the person's.
    """
    folder = folder or group_folder
    if log_text and synced_since:
        raise UserError("Give --log or --synced-since, not both.")
    log_id = None if log_text is None else _log_id(log_text)
    since_ms = None if synced_since is None else _utc_ms(synced_since)
    part = log_text is not None or synced_since is not None
    with open_for_reading(folder) as store:
        device_id = store.band_id(band)
        logs = store.logs_of(device_id)
    if not (yes or as_json):
        for log in logs:
            aside = _(", {aside} kept aside").format(aside=log["aside"]) if log["aside"] else ""
            click.echo(
                _("log {log_id:08x}: {records}{aside}").format(
                    log_id=log["log_id"], records=counted(log["records"], "record"), aside=aside
                )
            )
        what = _("that part of it") if part else _("all its nights")
        agreed(
            _("Take the band {device_id} out of the logbook, {what}?").format(
                device_id=device_id, what=what
            ),
            abort=True,
        )
    with open_for_writing(folder) as store:
        if log_id is not None:
            gone = store.forget_log(device_id, log_id)
        elif since_ms is not None:
            gone = store.forget_since(device_id, since_ms)
        else:
            gone = store.forget_band(device_id)
    key_gone = not part and not keep_key and _forget_key(folder, device_id)
    if as_json:
        print_json({"schema": SCHEMA, **gone, "key": not key_gone})
        return
    key = _(", and its key") if key_gone else ""
    click.echo(
        _("Gone from the logbook: {records} of {device_id}{key}.").format(
            records=counted(gone["records"], "record"), device_id=device_id, key=key
        )
    )
    if not key_gone:
        click.echo(_("What the band still has, the next  notturno sync  fetches again."))


def _forget_key(folder: str, device_id: str) -> bool:
    from notturno.keys import KeyRing
    from notturno.paths import data_dir

    return KeyRing(data_dir(folder)).remove(device_id)


def _log_id(text: str) -> int:
    try:
        if len(text) != 8:
            raise ValueError
        return int(text, 16)
    except ValueError:
        raise UserError(
            "{text} is no log; give its 8 hex digits, for example 0000abcd.", text=text
        ) from None


def _utc_ms(text: str) -> int:
    from datetime import datetime

    try:
        return round(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise UserError(
            "{text} is no time; write it as 2026-01-31 or 2026-01-31T22:15.", text=text
        ) from None
