"""The command `sync`: fetch, store and confirm what a band recorded."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno.cli.band_words import band_complaints
from notturno.cli.notify import notify
from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.progress import progress_bar
from notturno.cli.which_band import radio_options
from notturno.cli.words import FOOTER, print_json
from notturno.errors import UserError
from notturno.link import SCAN_TIMEOUT_S
from notturno.nights.state import to_tell
from notturno.paths import data_dir
from notturno.words import _, age_text, counted, night_line, said

if TYPE_CHECKING:
    from notturno.store import Store
    from notturno.sync import Result

SUMMED = ("new_records", "new_events", "total_records")


@click.command(context_settings=HELP_NAMES)
@radio_options
@click.option(
    "--refetch",
    is_flag=True,
    help="Ask for all that the band still has, also what is stored already.",
)
@click.option("--notify", "to_desktop", is_flag=True, help="Show the night on the desktop too.")
@json_option
@data_dir_option
def command(
    virtual: str,
    band: str,
    timeout_s: float,
    refetch: bool,
    to_desktop: bool,
    as_json: bool,
    folder: str,
) -> None:
    """Fetch what your bands recorded, store it, and confirm it to them.

    Takes every band in reach whose key this data folder holds (notturno bands key list), one after
    the other. May be broken off and repeated at any time: nothing is lost, nothing comes twice.
    """
    started = time.monotonic()
    where = data_dir(folder)
    try:
        results = run(where, virtual, band, timeout_s, quiet=as_json, refetch=refetch)
    except UserError as error:
        if to_desktop:
            notify(said(error))
        raise
    duration_s = round(time.monotonic() - started, 2)
    with open_for_reading(where) as store:
        told = [_with_nights(store, result) for result in results]
        complaints = {result.device: _complaints(store, result) for result in results}
    if to_desktop:
        notify("\n".join(_for_desktop(results, told)))
    warnings = [(result, text) for result in results for text in result.warnings]
    for result, warning in warnings:
        which = f"{result.name}: " if len(results) > 1 else ""
        click.echo(f"notturno: {which}{said(warning)}", err=True)
    if as_json:
        print_json(_json(results, told, complaints, duration_s))
        return
    for result, (rows, age_s) in zip(results, told, strict=True):
        mine = [row for row in rows if row["device_id"] == result.device]
        print_result(result, mine, age_s, duration_s)
        for complaint in complaints[result.device]:
            click.echo(_("The band says: {text}").format(text=said(complaint["text"])))
    if any(rows for rows, age_s in told):
        click.echo(_("See more with  notturno nights  and  notturno show.  ") + _(FOOTER))


def _for_desktop(results: list[Result], told):
    """Return a line for each night that was touched, or that nothing was new."""
    for result, (rows, _age_s) in zip(results, told, strict=True):
        mine = [row for row in rows if row["device_id"] == result.device]
        yield from map(night_line, mine)
        if not mine:
            yield _("Nothing new on the band {name}.").format(name=result.name)
    yield _(FOOTER)


def _with_nights(store: Store, result: Result) -> Any:
    """Return (the rows of the nights that it touched, age of the band's newest record in s)."""
    rows = [row for night in result.nights for row in store.nights(night=night)]
    newest = store.nights(last=1, device_id=result.device)
    ages_s = [row["age_of_newest_s"] for row in (*rows, *newest)]
    return rows, min((age for age in ages_s if age is not None), default=None)


def _complaints(store: Store, result: Result) -> list:
    """Return what the band complains of: of what is new, and of what it said since it recorded."""
    since = band_complaints(store, result.device)
    new = band_complaints(store, result.device, result.first_new_seq) if result.new_records else []
    return new + [one for one in since if one["text"] not in {other["text"] for other in new}]


def _json(
    results: list[Result],
    said: list[tuple[list[dict], int]],
    complaints: dict[str, list],
    duration_s: float,
) -> dict:
    """Return the document: sums over the bands, and each of them under `bands`."""
    bands = [
        {
            "device": result.device,
            "name": result.name,
            "new_records": result.new_records,
            "new_events": result.new_events,
            "total_records": result.total_records,
            "nights": result.nights,
            "age_of_newest_s": age_s,
            "committed_seq": result.committed_seq,
            "warnings": result.warnings,
            "band_says": complaints[result.device],
            "failed": result.failed,
        }
        for result, (_, age_s) in zip(results, said, strict=True)
    ]
    ages_s = [band["age_of_newest_s"] for band in bands]
    return {
        **{key: sum(band[key] for band in bands) for key in SUMMED},
        "device": bands[0]["device"],
        "nights": sorted({night for band in bands for night in band["nights"]}),
        "age_of_newest_s": min((age for age in ages_s if age is not None), default=None),
        "committed_seq": bands[0]["committed_seq"],
        "duration_s": duration_s,
        "warnings": [text for band in bands for text in band["warnings"]],
        "bands": bands,
    }


def print_result(result: Result, rows: list[dict], age_s: float | None, duration_s: float) -> None:
    """Print what a sync brought: each night it touched, then the records, and the band's silence.

    rows: those nights, as the store gives them; age_s: from the newest record to now.
    """
    from notturno.doctor import AHEAD_MS, STALE_MS
    from notturno.store.queries import is_simulated

    kind = _("virtual band (simulated)") if is_simulated(result.device) else _("band")
    what = f"{kind} {result.device}"
    for row in rows:
        click.echo(night_line(row))
        for sentence in to_tell(row):
            click.echo(f"  {said(sentence)}")
    if result.new_records:
        click.echo(
            _(
                "{records} ({events}) from the {what} in {duration_s:.1f} s, stored and confirmed."
            ).format(
                records=counted(result.new_records, "new record"),
                events=counted(result.new_events, "event"),
                what=what,
                duration_s=duration_s,
            )
            + ("" if rows else _("  No night is among them: the band did not record."))
        )
    else:
        click.echo(_("Nothing new on the {what}: all of it is stored already.").format(what=what))
    if age_s is not None and -age_s * 1000 > AHEAD_MS and not is_simulated(result.device):
        click.echo(
            _("Its newest record is dated {span} from now: see  notturno doctor.").format(
                span=age_text(-age_s)
            )
        )
        return
    stale = age_s is not None and age_s * 1000 > STALE_MS
    if age_s is not None and (stale or not result.new_records):
        stopped = _(": the band may have stopped recording; charge it and check")
        # A virtual band's nights lie where they were made: it has stopped nothing.
        why = stopped if stale and not is_simulated(result.device) else ""
        click.echo(_("Its newest record is {age} old{why}.").format(age=age_text(age_s), why=why))


def run(
    where: Path,
    virtual: str | None = None,
    band: str | None = None,
    timeout_s: float = SCAN_TIMEOUT_S,
    quiet: bool = False,
    refetch: bool = False,
) -> list[Result]:
    """Sync into the folder `where`; return a list of `notturno.sync.Result`. Raises UserError."""
    import asyncio

    from notturno.hostid import host_id
    from notturno.keys import KeyRing
    from notturno.link import open_radio
    from notturno.nights.calendar import local_zone_name, zone_note
    from notturno.onlyone import AT_WORK, DATA_LOCK, only_one
    from notturno.sync import sync

    keys = KeyRing(where).all()

    async def whole(store: Store, zone: str, progress: Callable) -> list[Result]:
        async with open_radio(virtual) as radio:
            return await sync(
                radio,
                store,
                zone,
                keys=keys,
                host_id=host_id(where),
                progress=progress,
                name=band,
                scan_timeout_s=timeout_s,
                again=refetch,
            )

    with only_one(where / DATA_LOCK, AT_WORK), open_for_writing(where) as store:
        zone = store.zone() or local_zone_name()
        with progress_bar(_("looking for the band"), quiet) as show:
            results = asyncio.run(
                whole(store, zone, lambda stored, expected: show(stored, expected, _("fetching")))
            )
    if note := zone_note(zone):
        results[0].warnings.append(note)
    return results
