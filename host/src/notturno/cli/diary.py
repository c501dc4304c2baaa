"""The command `diary`: what a person took, drank, felt or noted, and whether nights go with it."""

import click

from notturno.cli import speech
from notturno.cli.given import text_of
from notturno.cli.options import (
    COUNT,
    HELP_NAMES,
    data_dir_option,
    json_option,
    night_argument_and_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.people_words import amount_text
from notturno.cli.words import FOOTER, print_json, print_table
from notturno.words import _, counted, said

SCHEMA = "diary-1"
EMPTY = "The diary is empty:  notturno diary add --what caffeine --amount 1 --unit cup --at 16:00"


@click.group(cls=speech.Group, invoke_without_command=True, context_settings=HELP_NAMES)
@data_dir_option
@click.pass_context
def command(ctx: click.Context, folder: str | None) -> None:
    """Keep a diary beside the nights: doses, caffeine, alcohol, stress, notes.

    Without a command it lists the entries.
    """
    ctx.obj = folder
    if ctx.invoked_subcommand is None:
        _list(False, folder)


@command.command("add", context_settings=HELP_NAMES)
@night_argument_and_option
@click.option("--what", required=True, help="What it was: clonazepam, caffeine, stress ...")
@click.option("--amount", metavar="N", help="How much, as a number.")
@click.option("--unit", help="mg, cups, glasses ...")
@click.option("--at", metavar="HH:MM", help="When, by the clock where you were.")
@click.option("--note", help="Anything else.")
@json_option
@data_dir_option
@click.pass_obj
def add(
    group_folder,
    night: str | None,
    what: str,
    amount: str | None,
    unit: str | None,
    at: str | None,
    note: str | None,
    as_json: bool,
    folder: str,
) -> None:
    """Add an entry to NIGHT (date of its evening; otherwise tonight, before noon last night)."""
    from notturno.store import diary

    entry = diary.checked(night or _tonight(), what, amount, unit, at, note)
    with open_for_writing(folder or group_folder) as store:
        number = store.add_diary(entry)
    if as_json:
        print_json({"schema": SCHEMA, "entries": [{"entry_id": number} | entry]})
        return
    how_much = amount_text(entry)
    click.echo(
        _("Night {night}: {what}{amount}{at} (entry {number}).").format(
            night=entry["night"],
            what=what.strip(),
            amount=" " + how_much if how_much else "",
            at=_(" at {time}").format(time=entry["at"]) if entry["at"] else "",
            number=number,
        )
    )


@command.command("list", context_settings=HELP_NAMES)
@json_option
@data_dir_option
@click.pass_obj
def list_entries(group_folder, as_json: bool, folder: str) -> None:
    """List the entries, by night."""
    _list(as_json, folder or group_folder)


@command.command("remove", context_settings=HELP_NAMES)
@click.argument("number", metavar="N", type=COUNT)
@data_dir_option
@click.pass_obj
def remove(group_folder, number: int, folder: str) -> None:
    """Remove entry N (its number in notturno diary list)."""

    with open_for_writing(folder or group_folder) as store:
        store.remove_diary(number)
    click.echo(_("Entry {number} is removed.").format(number=number))


@command.command("import", context_settings=HELP_NAMES)
@click.argument("file", metavar="FILE.csv")
@json_option
@data_dir_option
@click.pass_obj
def import_file(group_folder, file: str, as_json: bool, folder: str) -> None:
    """Add the entries of a CSV file: night,what,amount,unit,at,note.

    All of them or, where a line is wrong, none; what is there already is not added again.
    """
    from notturno.store import diary

    entries = diary.read_csv(text_of(file))
    with open_for_writing(folder or group_folder) as store:
        added = store.import_diary(entries)
    if as_json:
        print_json({"schema": SCHEMA, "added": added, "there_already": len(entries) - added})
        return
    there = len(entries) - added
    click.echo(
        _("{entries} added, {there} of the file already there.").format(
            entries=counted(added, "entry", "entries"), there=there
        )
    )


@command.command("stats", context_settings=HELP_NAMES)
@json_option
@data_dir_option
@click.pass_obj
def stats(group_folder, as_json: bool, folder: str) -> None:
    """Say whether the jerks of a night go along with the amounts in the diary."""
    with open_for_reading(folder or group_folder) as store:
        nights, entries = store.nights(), store.diary()
    names = {row["device_id"]: row["band"] for row in nights}
    from notturno import refusals
    from notturno.scoring.manynights import diary, usable

    numbered = [
        {
            "night": entry["night"],
            "name": f"{entry['what']}{', ' + entry['unit'] if entry['unit'] else ''}",
            "value": entry["amount"],
        }
        for entry in entries
        if entry["amount"] is not None
    ]
    left_out = len(entries) - len(numbered)
    bands = []
    for device in sorted({row["device_id"] for row in nights}):
        counts, left = usable.usable(
            [row for row in nights if row["device_id"] == device], "jerks_per_h"
        )
        bands.append({"device_id": device} | diary.associations(counts, numbered))
    if as_json:
        whole = {"schema": SCHEMA, "bands": refusals.to_json(bands)}
        print_json(whole | {"entries_without_amount": left_out, "note": FOOTER})
        return
    if not entries:
        click.echo(_(EMPTY))
        return
    for band in bands:
        name = names[band["device_id"]]
        click.echo(_("band {name}, single jerks").format(name=name))
        for name, found in band["by_name"].items():
            click.echo(f"  {name}: {_association(found)}")
    if left_out:
        click.echo(
            _("Left out: {entries} without an amount.").format(
                entries=counted(left_out, "entry", "entries")
            )
        )
    click.echo(said(diary.CAVEAT))
    click.echo(_(FOOTER))


def _association(found: dict) -> str:
    from notturno.refusals import is_refusal

    if is_refusal(found):
        return f"- ({said(found)})"
    return _(
        "rank correlation {rank_correlation:+.2f} in {nights}, p {p:.4f}, corrected {p_holm:.4f}"
    ).format(
        rank_correlation=found["rank_correlation"],
        nights=counted(found["nights"], "night"),
        p=found["p"],
        p_holm=found["p_holm"],
    )


def _list(as_json: bool, folder: str | None) -> None:
    with open_for_reading(folder) as store:
        entries = store.diary()
    if as_json:
        print_json({"schema": SCHEMA, "entries": entries})
        return
    if not entries:
        click.echo(_(EMPTY))
        return
    print_table(
        ["night", "at", "what", "amount", "entry", "note"],
        [
            [
                entry["night"],
                entry["at"] or "-",
                entry["what"],
                amount_text(entry) or "-",
                str(entry["entry_id"]),
                entry["note"],
            ]
            for entry in entries
        ],
    )


def _tonight() -> str:
    """Return the date of this evening; before noon, of the last."""
    from datetime import datetime, timedelta

    return (datetime.now() - timedelta(hours=12)).date().isoformat()
