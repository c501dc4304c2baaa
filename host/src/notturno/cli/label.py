"""The command `label`: say of single events whether they were yours."""

from pathlib import Path

import click

from notturno.cli.figure_words import Notes
from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    data_dir_option,
    json_option,
    offer_nights,
    open_for_reading,
    open_for_writing,
    which_night,
)
from notturno.cli.words import FOOTER, print_json, print_table
from notturno.errors import UserError
from notturno.words import _, figure, said

SCHEMA = "labels-1"
WORDS = {"me": "me", "not-me": "not_me", "awake": "awake"}


@click.command(context_settings=HELP_NAMES)
@click.argument("night", required=False, shell_complete=offer_nights)
@click.argument("numbers", nargs=-1, type=int)
@click.option(
    "--as",
    "said",
    type=click.Choice(list(WORDS)),
    help="me: yours, asleep; not-me: partner, bed, nothing; awake: yours, but awake.",
)
@click.option("--remove", is_flag=True, help="Take what was said of these events back.")
@json_option
@data_dir_option
def command(
    night: str | None, numbers: tuple, said: str | None, remove: bool, as_json: bool, folder: str
) -> None:
    """Say of events of a NIGHT (NUMBERS as in notturno show) what they were.

    Without NUMBERS: what was said so far, and how many of the counted events were yours.
    """
    if numbers:
        if (said is None) == (not remove):
            raise UserError("Say what the events were: --as me, not-me or awake; or --remove.")
        _say(folder, night, numbers, None if said is None else WORDS[said])
    elif said is not None or remove:
        raise UserError("Say which events: notturno label NIGHT NUMBER --as me.")
    with open_for_reading(folder) as store:
        from notturno.views.many import ppv_of_labels

        if night is not None:
            night = which_night(store, night)
        found = ppv_of_labels(store)
        labels = [e for e in store.labelled_events() if night in (None, e["night"])]
    if as_json:
        keys = ("night", "device_id", "log_id", "seq", "kind", "peak_mg", "left_out", "label")
        rows = [{key: event[key] for key in keys} for event in labels]
        print_json({"schema": SCHEMA, "labels": rows, "ppv": found, "note": FOOTER})
        return
    if not found["labels"]:
        click.echo(_("Nothing was said of any event yet: notturno label NIGHT NUMBER --as me"))
        return
    _print(found)


def _say(folder: Path | str, night: str | None, numbers: tuple, said: str | None) -> None:
    from notturno.views.events import numbered, one

    with open_for_writing(folder) as store:
        named = which_night(store, night)
        if named is None:
            raise UserError("{nothing_said}.", nothing_said=NOTHING_YET)
        events = numbered(store, named)
        for event in [one(events, no) for no in numbers]:
            store.label(event["device_id"], event["log_id"], event["seq"], said)


def _print(found) -> None:
    """Print the share that is the person's own: of all, then of what bears a label at all."""
    rows = [[_("all"), found["all"]]]
    rows += [[_(kind), share] for kind, share in found["by_kind"].items()]
    for size in found["by_size"]:
        name = _("jerks of {from_mg} mg and more")
        if size["to_mg"] is not None:
            name = _("jerks of {from_mg} to {to_mg} mg")
        rows.append([name.format(**size), size])
    notes = Notes()
    print_table(
        [_("counted as"), "labelled", "yours", "share", _("95 % interval")],
        [
            [name, str(share["labelled"]), str(share["own"]), *_figures(share, notes)]
            for name, share in [rows[0], *(row for row in rows[1:] if row[1]["labelled"])]
        ],
    )
    notes.print()
    if found["not_counted"]:
        click.echo(
            _("Labelled, but not counted: {not_counted}.").format(not_counted=found["not_counted"])
        )
    click.echo()
    click.echo(f"{said(found['note'])} {_(FOOTER)}")


def _figures(share, notes):
    if isinstance(share["ppv"], dict):
        return [f"- ({notes.number(said(share['ppv']))})", "-"]
    return [
        figure("{:.2f}", share["ppv"]),
        _("{ppv_low:.2f} to {ppv_high:.2f}").format(
            ppv_low=share["ppv_low"], ppv_high=share["ppv_high"]
        ),
    ]
