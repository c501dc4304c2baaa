"""The command `doctor`: what may be wrong between a band and its nights, and what to do.

Reads the logbook, the keys, the disk and the radio; writes nothing anywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli.options import (
    HELP_NAMES,
    Number,
    data_dir_option,
    json_option,
    open_for_reading,
    virtual_option,
)
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _, n_, said

if TYPE_CHECKING:
    from notturno.doctor.findings import Finding
    from notturno.keys.ring import KeyRing

SCHEMA = "doctor-1"


@click.command(context_settings=HELP_NAMES)
@virtual_option
@click.option(
    "--timeout",
    "timeout_s",
    type=Number(0, 600),
    default=5.0,
    show_default=True,
    metavar="S",
    help="How long to listen for bands.",
)
@click.option("--bundle", metavar="FILE.zip", help="A log to send to a helper; nothing personal.")
@json_option
@data_dir_option
@click.pass_context
def command(
    ctx: click.Context,
    virtual: str | None,
    timeout_s: float,
    bundle: str | None,
    as_json: bool,
    folder: str | None,
) -> None:
    """Look at Bluetooth, the data, the clock, and each band with its key; say what to do.

    Ends with 1 where something is wrong. Changes nothing; --bundle writes that one file.
    """
    from notturno import doctor

    findings = examine(folder, virtual, timeout_s)
    state = doctor.worst(findings)
    if as_json:
        checks = [finding.as_dict() for finding in findings]
        print_json({"schema": SCHEMA, "state": state, "checks": checks})
    else:
        print_findings(findings)
    if bundle is not None:
        from notturno.cli.doctor_bundle import write_bundle

        path = write_bundle(bundle, findings, folder)
        click.echo(
            _("Written: {path}. Read it before you send it.").format(path=path), err=as_json
        )
    ctx.exit(1 if state == doctor.WRONG else 0)


def examine(folder: str | None, virtual: str | None, timeout_s: float) -> list:
    """Return a `doctor.Finding` for everything looked at."""
    from notturno import doctor
    from notturno.doctor import machine
    from notturno.nights.calendar import local_zone_name, zone_note
    from notturno.onlyone import DATA_LOCK
    from notturno.store import FILE_NAME
    from notturno.store.bands import now_utc_ms

    where = data_dir(folder, create=False)
    heard, radio_error = listen(virtual, timeout_s)
    facts = machine.folder_facts(where, FILE_NAME, DATA_LOCK)
    rows, records, error = read_logbook(folder) if facts.is_folder else ([], 0, None)
    now_ms, zone = now_utc_ms(), local_zone_name()
    findings = doctor.radio(heard, radio_error, virtual)
    findings += doctor.folder(facts)
    if facts.is_folder or not facts.exists:
        findings += doctor.logbook(facts, error, records)
    findings += doctor.clock(now_ms, zone, zone_note(zone), rows)
    bands = look_at_bands(where, rows if error is None else None, now_ms)
    if not bands and error is None:
        todo = _("flash one (notturno flash), or take its key over:  notturno bands key add")
        bands = [doctor.Finding("bands", doctor.LOOK, _("none is known"), todo)]
    findings += bands
    return findings + doctor.packages(machine.missing_packages())


def listen(virtual: str | None, timeout_s: float) -> tuple[list[str], str | None]:
    """Return (the names of the bands in reach, None), or ([], what stands in the way)."""
    import asyncio

    from notturno.link import open_radio

    async def scan() -> list[str]:
        async with open_radio(virtual) as radio:
            return [band.name for band in await radio.scan(timeout_s)]

    try:
        return asyncio.run(scan()), None
    except UserError as error:
        return [], said(error)
    except Exception as error:  # of a system's Bluetooth nobody knows all faults
        what = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        return [], _(
            "Bluetooth failed ({what}); switch it off and on, or restart this computer."
        ).format(what=what)


def read_logbook(folder: str | None) -> tuple[list[dict], int, str | None]:
    """Return (a row a band, how many records, None), or ([], 0, what stands in the way)."""
    try:
        with open_for_reading(folder) as store:
            store.must_be_sound()
            return store.bands(), store.count_records(), None
    except UserError as error:
        return [], 0, said(error)


def look_at_bands(where: Path, rows: list[dict] | None, now_ms: int) -> list:
    """Return the findings of each known band, and of the keys of bands that were never synced.

    rows: of the logbook; None where it cannot be read: then nobody knows which were synced.
    """
    from notturno import doctor
    from notturno.keys import KeyRing

    ring = KeyRing(where)
    try:
        with_key = ring.ids()
    except UserError as error:
        return [doctor.said("keys", said(error))]
    found = []
    for row in rows or ():
        has_key, error = _key_of(ring, row["device_id"])
        found += doctor.band(row, error, has_key, now_ms)
    never = _("{device_id}, never synced") if rows is not None else "{device_id}"
    for device_id in with_key:
        if device_id not in [row["device_id"] for row in rows or ()]:
            has_key, error = _key_of(ring, device_id)
            found.append(doctor.key(never.format(device_id=device_id), error, has_key))
    return found


def _key_of(ring: KeyRing, device_id: str) -> tuple[bool, str | None]:
    try:
        return ring.get(device_id) is not None, None
    except UserError as error:
        return False, said(error)


def print_findings(findings: list[Finding]) -> None:
    """Print a line each, what to do below it, and how many are not well."""
    from notturno import doctor

    width = max((len(_(finding.state)) for finding in findings), default=0)
    for finding in findings:
        who = f"{finding.band}: " if finding.band else ""
        click.echo(f"{_(finding.state):<{width}}  {who}{_(finding.check)}: {finding.found}")
        if finding.todo:
            click.echo(f"         -> {finding.todo}")
    click.echo()
    wrong, look = (
        sum(finding.state == state for finding in findings)
        for state in (doctor.WRONG, doctor.LOOK)
    )
    if wrong or look:
        click.echo(
            n_(
                "{n} thing wrong, {look} to look at.",
                "{n} things wrong, {look} to look at.",
                wrong,
            ).format(n=wrong, look=look)
        )
    else:
        click.echo(_("All is well."))
