"""The command `bands`: the bands that were ever synced, their names and where they are worn."""

import click

from notturno.cli import bands_beacon, bands_forget, bands_key, bands_set, speech
from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.people_words import ago_text, place_text
from notturno.cli.strap_words import found_text
from notturno.cli.words import or_dash, print_json, print_table
from notturno.errors import UserError
from notturno.words import _, counted

SCHEMA = "bands-1"
NO_BANDS = "No band is known yet: bring yours near and run  notturno sync"


@click.group(cls=speech.Group, invoke_without_command=True, context_settings=HELP_NAMES)
@json_option
@data_dir_option
@click.pass_context
def command(ctx: click.Context, as_json: bool, folder: str | None) -> None:
    """List the bands: name, place, battery, when they were seen and what is stored of them."""
    ctx.obj = folder
    if ctx.invoked_subcommand is not None:
        return
    from notturno.store.bands import now_utc_ms

    with open_for_reading(folder) as store:
        bands = store.bands()
    now_ms = now_utc_ms()
    for band in bands:
        newest = band["newest_utc_ms"]
        band["age_of_newest_s"] = None if newest is None else max((now_ms - newest) / 1000, 0)
    if as_json:
        print_json({"schema": SCHEMA, "bands": bands})
    elif not bands:
        click.echo(_(NO_BANDS))
    else:
        print_bands(bands)


command.add_command(bands_key.command)
bands_key.command.add_command(bands_beacon.command)
command.add_command(bands_forget.forget)
command.add_command(bands_set.command)


@command.command("name", context_settings=HELP_NAMES)
@click.argument("band", metavar="ID")
@click.argument("name")
@click.option("--limb", metavar="LIMB", help="Where it is worn: calf, ankle, wrist ...")
@click.option("--side", type=click.Choice(["L", "R"], case_sensitive=False), help="Which side.")
@click.option("--from", "since", metavar="NIGHT", help="The first night of this place.")
@click.option("--always", is_flag=True, help="This place holds for all nights so far.")
@json_option
@data_dir_option
@click.pass_obj
def name_band(
    group_folder,
    band: str,
    name: str,
    limb: str | None,
    side: str | None,
    since: str | None,
    always: bool,
    as_json: bool,
    folder: str,
) -> None:
    """Call the band ID (its id, the beginning of it, or its name now) NAME.

    A change of limb or side holds from now on, the first one for all nights before too.
    """
    folder = folder or group_folder
    if since and always:
        raise UserError("Give --from or --always, not both.")
    if (since or always) and limb is None and side is None:
        raise UserError("--from and --always say since when a place holds: add --limb or --side.")
    from notturno.store.placements import ALWAYS

    with open_for_reading(folder) as store:
        store.band_id(band)  # nothing is made where no band is known
    from_utc_ms = ALWAYS if always else _noon_utc_ms(since)
    with open_for_writing(folder) as store:
        device_id = store.name_band(band, name, limb, side, from_utc_ms)
        (row,) = (row for row in store.bands() if row["device_id"] == device_id)
    if as_json:
        print_json({"schema": SCHEMA, "bands": [row]})
        return
    place = place_text(row["limb"], row["side"])
    worn = "" if place == "-" else _(", worn at: {place}").format(place=place)
    click.echo(
        _("The band {device_id} is {name}{worn}.").format(
            device_id=device_id, name=row["name"], worn=worn
        )
    )


def _noon_utc_ms(night: str | None) -> int | None:
    """Return noon of an evening's date on this machine's clock; None for None."""
    if night is None:
        return None
    from datetime import datetime

    from notturno.store.dates import night_date

    noon = datetime.fromisoformat(night_date(night) + "T12:00")
    return round(noon.astimezone().timestamp() * 1000)


def print_bands(bands: list[dict]) -> None:
    """Print one row a band, and what waits on it."""
    from notturno.nights.calendar import local_text, local_zone_name

    zone = local_zone_name()
    print_table(
        [
            "name",
            "id",
            "worn",
            _("last seen"),
            _("newest record"),
            "battery",
            "firmware",
            "nights",
        ],
        [
            [
                band["name"] or "-",
                band["device_id"] + ("*" if band["simulated"] else ""),
                place_text(band["limb"], band["side"]),
                "-" if band["seen_utc_ms"] is None else local_text(band["seen_utc_ms"], zone),
                ago_text(band["age_of_newest_s"]),
                _battery(band),
                or_dash(band["firmware"]),
                str(band["nights"]),
            ]
            for band in bands
        ],
    )
    click.echo()
    for band in bands:
        whose = band["name"] or band["device_id"]
        if band["waiting"]:
            waited = counted(band["waiting"], "record")
            click.echo(
                _(
                    "{name}: {waited} lay on the band, not stored here, "
                    "when it was last seen; run notturno sync."
                ).format(name=whose, waited=waited)
            )
        if band["strap_check"]:
            when = local_text(band["strap_check"]["begun_utc_ms"], zone)
            text = _("{band}: strap check of {when}: {found}.")
            found = found_text(band["strap_check"])
            click.echo(text.format(band=whose, when=when, found=found))
        if "log_full" in (band["state_names"] or ()):
            click.echo(_("{name}: its memory was full; sync it.").format(name=whose))
    if any(band["simulated"] for band in bands):
        click.echo(_("* simulated: a virtual band."))
    if not any(band["name"] for band in bands):
        click.echo(_("Name one:  notturno bands name ID calf-left --limb calf --side L"))


def _battery(band: dict) -> str:
    if not band["battery_mv"]:
        return "-"
    percent = "" if band["battery_pct"] is None else f", ~{band['battery_pct']} %"
    return f"{band['battery_mv']} mV{percent}"
