"""The command `nights`: one row a night, as a table or JSON."""

import click

from notturno.battery import battery_text, nights_left
from notturno.cli.band_words import band_complaints
from notturno.cli.figure_words import Notes, figure_text
from notturno.cli.measures import measure_option
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    check_dates,
    data_dir_option,
    json_option,
    nights_options,
    open_for_reading,
)
from notturno.cli.words import (
    FOOTER,
    clock_text,
    or_dash,
    print_json,
    print_table,
)
from notturno.nights.columns import BY_KEY, SCHEMA
from notturno.nights.state import to_tell
from notturno.words import _, counted, said

FIGURES = ("jerks_per_h", "lms_per_h", "plms_per_h_wasm2016")  # what the table shows by itself
HEADS = {"jerks_per_h": "jerks/h", "lms_per_h": "LM/h", "plms_per_h_wasm2016": "PLMS/h"}


@click.command(context_settings=HELP_NAMES)
@nights_options
@measure_option
@json_option
@data_dir_option
def command(
    last: int | None,
    since: str | None,
    until: str,
    band: str,
    measures: tuple[str, ...],
    as_json: bool,
    folder: str | None,
) -> None:
    """Print one row a night: hours, jerks, limb movements, and whether they may be read as rates.

    Jerks are those that count: not those in a rhythm, in a longer movement, while awake, or while
    the band was not worn. Rates are per countable hour: recorded, less gaps, not worn and awake.
    """
    since, until = check_dates(since, until)
    with open_for_reading(folder) as store:
        device = None if band is None else store.band_id(band)
        rows = store.nights(last=last, since=since, until=until, device_id=device)
        persons = store.person_nights([row["night"] for row in rows]) if device is None else []
        complaints = band_complaints(store, device)
    if as_json:
        document = {"schema": SCHEMA, "nights": rows, "person_nights": persons, "note": FOOTER}
        print_json(document | {"bands_say": complaints})
        return
    if not rows:
        click.echo(
            _(NOTHING_YET)
            if since is None
            else _("No night is stored since {since}.").format(since=since)
        )
    else:
        print_nights(rows, persons, tuple(dict.fromkeys((*FIGURES, *measures))))
    for complaint in complaints:
        click.echo(
            _("The band {device_id} says: {text}").format(
                device_id=complaint["device_id"], text=said(complaint["text"])
            )
        )


def print_nights(rows: list[dict], persons: list[dict], figures: tuple[str, ...]) -> None:
    """Print the table of nights and what its signs mean."""
    several = len({row["device_id"] for row in rows}) > 1
    notes = Notes()
    heads = [_("night"), _("recorded"), _("counted in"), _("jerks"), _("LM")]
    heads += [said(HEADS.get(key, BY_KEY[key].words)) for key in figures]
    heads += [_("largest"), _("battery")] + ([_("band")] if several else [])
    of_person = {row["night"]: row for row in persons}
    table = []
    for i, row in enumerate(rows):
        table.append(_cells(row, figures, notes, several))
        last_of_night = i + 1 == len(rows) or rows[i + 1]["night"] != row["night"]
        if last_of_night and row["night"] in of_person:
            table.append(_cells(of_person[row["night"]], figures, notes, several))
    print_table(heads, table)
    for row in rows:
        for nap in row["naps"]:
            click.echo(
                _(
                    "nap with {night}, {band}: {start}, {recorded_h:.1f} h, {jerks} "
                    "(notturno show {nap})"
                ).format(
                    night=row["night"],
                    band=_(row["band"]),
                    start=clock_text(nap["start_utc_ms"], row["zone"], "%H:%M"),
                    recorded_h=nap["recorded_h"],
                    jerks=counted(nap["jerks"], "jerk"),
                    nap=nap["night"],
                )
            )
    click.echo()
    notes.print()
    if any(row["simulated"] for row in rows):
        click.echo(_("* simulated: recorded by a virtual band."))
    if any(row["clock"] == "unknown" for row in rows):
        click.echo(_("undated: the band's clock was not set before it lost power."))
    for row in rows:
        for sentence in to_tell(row):
            click.echo(f"{row['night']}: {said(sentence)}")
    for device in dict.fromkeys(row["device_id"] for row in rows):
        of_band = [row for row in rows if row["device_id"] == device]
        left = battery_text(
            of_band[-1]["battery_mv"], nights_left([row["battery_mv"] for row in of_band])
        )
        last = of_band[-1]
        click.echo(
            _("battery of {band} after {night}: {left} (estimated)").format(
                band=last["band"], night=last["night"], left=said(left)
            )
        )
    named = list(dict.fromkeys(row["name_rule"] for row in rows if row["date"]))
    if named:
        click.echo(
            _("A night is named by {rules}.").format(rules=_("; or by ").join(map(said, named)))
        )
    click.echo(
        _(
            "Rates are per countable hour: recorded, less gaps, not worn, "
            "awake and out of bed; PLMS are per such hour asleep."
        )
    )
    click.echo(_(FOOTER))


def _cells(row: dict, figures: tuple[str, ...], notes: Notes, several: bool) -> list[str]:
    state = "" if row["state"] == "complete" else f" {_(row['state'])}"
    return [
        row["night"] + ("*" if row["simulated"] else "") + state,
        or_dash(row["recorded_h"], "{:.1f} h"),
        or_dash(row["countable_h"], "{:.1f} h"),
        or_dash(row["jerks"]),
        or_dash(row["lms"]),
        *(figure_text(row, key, notes) for key in figures),
        or_dash(row["largest_mg"], "{} mg"),
        or_dash(row["battery_pct"], "{} %"),
    ] + ([_(row["band"])] if several else [])
