"""The command `sync`: fetch, store and confirm what a band recorded."""

import time

import click

from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.progress import progress_bar
from notturno.cli.words import FOOTER, print_json
from notturno.paths import data_dir

ALREADY = "Another sync is running in this data folder; wait until it is done."


@click.command(context_settings=HELP_NAMES)
@click.option("--virtual", metavar="HOST:PORT", help="A virtual band's radio, not the real one.")
@click.option("--band", metavar="NAME", help="Which band, where several are near.")
@click.option(
    "--timeout",
    "timeout_s",
    default=30.0,
    show_default=True,
    metavar="S",
    help="How long to look for a band.",
)
@json_option
@data_dir_option
def command(virtual, band, timeout_s, as_json, folder):
    """Fetch what a band recorded, store it, and confirm it to the band.

    May be broken off and repeated at any time: nothing is lost, nothing comes twice.
    """
    started = time.monotonic()
    result = run(data_dir(folder), virtual, band, timeout_s, quiet=as_json)
    duration_s = round(time.monotonic() - started, 2)
    for warning in result.warnings:
        click.echo(f"notturno: {warning}", err=True)
    if as_json:
        print_json(
            {
                "new_records": result.new_records,
                "new_events": result.new_events,
                "total_records": result.total_records,
                "device": result.device,
                "nights": result.nights,
                "committed_seq": result.committed_seq,
                "duration_s": duration_s,
                "warnings": result.warnings,
            }
        )
        return
    from notturno.store.queries import is_simulated

    what = "virtual band (simulated)" if is_simulated(result.device) else "band"
    if result.new_records:
        click.echo(
            f"{result.new_records} new records, {result.new_events} of them events, from the "
            f"{what} {result.device} in {duration_s:.1f} s; they are stored and confirmed."
        )
        click.echo("See them with  notturno nights  and  notturno show.  " + FOOTER)
    else:
        click.echo(f"Nothing new on the {what} {result.device}: all of it is stored already.")


def run(where, virtual=None, band=None, timeout_s=30.0, quiet=False):
    """Sync into the folder `where`; return a `notturno.sync.Result`. Raises UserError."""
    import asyncio

    from notturno.link import open_radio
    from notturno.nights.calendar import local_zone_name
    from notturno.onlyone import only_one
    from notturno.store import Store
    from notturno.sync import sync

    async def whole(store, progress):
        async with open_radio(virtual) as radio:
            return await sync(
                radio,
                store,
                local_zone_name(),
                progress=progress,
                name=band,
                scan_timeout_s=timeout_s,
            )

    with only_one(where / "sync.lock", ALREADY), Store.open(where) as store:
        with progress_bar("looking for the band", quiet) as show:
            return asyncio.run(
                whole(store, lambda stored, expected: show(stored, expected, "fetching"))
            )
