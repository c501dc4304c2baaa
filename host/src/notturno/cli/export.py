"""The command `export`: nights and what was said of them, as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli.options import (
    HELP_NAMES,
    check_dates,
    data_dir_option,
    json_option,
    night_argument_and_option,
    nights_options,
    none_of_them,
    open_for_reading,
    which_night,
)
from notturno.cli.part_words import parts_text
from notturno.cli.words import FOOTER, print_json
from notturno.errors import UserError
from notturno.words import _

if TYPE_CHECKING:
    from notturno.files.chosen import Chosen
    from notturno.store import Store

SCHEMA = "export-1"
FORMATS = ("csv", "json", "parquet", "edf", "bids", "fhir")
OF_FILES = {"json": ".json", "fhir": ".json"}  # the others are folders


@click.command(context_settings=HELP_NAMES)
@night_argument_and_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    required=True,
    help="csv, parquet: tables; json: everything, to be taken in again; edf: events in EDF+; "
    "bids: a dataset for research; fhir: figures for a clinic.",
)
@click.option("--out", metavar="PATH", help="The file (json, fhir) or folder to make.")
@click.option("--force", is_flag=True, help="Replace an earlier export at that place.")
@click.option("--signals", is_flag=True, help="edf: also the waveforms that the band kept.")
@nights_options
@json_option
@data_dir_option
def command(
    night: str | None,
    form: str,
    out: str,
    force: bool,
    signals: bool,
    last: int | None,
    since: str | None,
    until: str | None,
    band: str | None,
    as_json: bool,
    folder: str,
) -> None:
    """Write NIGHT, the nights chosen, or all nights as files that other programs read.

    Files are alike whatever the language of this computer: a point in numbers, ISO times with
    their offset, UTF-8. Nothing is overwritten without --force. A json file holds all that cannot
    be made again; notturno import takes it in.
    """
    since, until = check_dates(since, until)
    if night is not None and (last or since or until):
        raise UserError("Name one night, or choose nights by --last, --since and --until.")
    if signals and form != "edf":
        raise UserError("--signals goes with --format edf alone.")
    path = Path(out).expanduser() if out else Path(f"notturno-{form}{OF_FILES.get(form, '')}")
    from notturno.files import chosen
    from notturno.files.written import must_be_free

    must_be_free(path, force)
    with open_for_reading(folder) as store:
        key = None if night is None else which_night(store, night)
        device = None if band is None else store.band_id(band)
        which = chosen.chosen(store, key, last, since, until, device)
        if not which.nights and not (form == "json" and which.whole):
            raise none_of_them(store)
        written = _write(form, path, store, which, force, signals)
    if as_json:
        document = {"schema": SCHEMA, "format": form, "out": str(path.resolve())}
        print_json(document | {"nights": which.nights, "written": written})
        return
    told = parts_text(written) if form == "json" else ""
    for name, number in {} if told else written.items():
        click.echo(f"{name}: {number}")
    written_to = _("Written: {path}").format(path=path.resolve())
    click.echo("  ".join(filter(None, (written_to, told and f"({told})", _(FOOTER)))))


def _write(
    form: str, path: Path, store: Store, which: Chosen, force: bool, signals: bool
) -> dict[str, int]:
    import time

    from notturno.cli.progress import progress_bar
    from notturno.files.written import whole_file, whole_folder

    now_ms = int(time.time() * 1000)
    with progress_bar(_("writing")):
        if form == "json":
            from notturno.files import lossless

            with whole_file(path, force, private=True) as stream:
                return lossless.write(stream, store, which, now_ms)
        if form == "fhir":
            import json

            from notturno.files import fhir

            bundle = fhir.bundle(store, which, now_ms)
            with whole_file(path, force, private=True) as stream:
                stream.write(json.dumps(bundle, ensure_ascii=False, indent=1).encode())
            return {"resources": len(bundle["entry"])}
        with whole_folder(path, force) as made:
            if form == "edf":
                from notturno.files import edf

                return edf.write(made, store, which, signals)
            if form == "bids":
                from notturno.files import bids

                return bids.write(made, store, which)
            if form == "csv":
                from notturno.files import csv_tables

                return csv_tables.write(made, store, which)
            from notturno.files import parquet_tables

            return parquet_tables.write(made, store, which)
