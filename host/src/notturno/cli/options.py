"""What commands take and open alike: options, dates, the stored night asked for.

Touches the logbook. Imports click alone at the start.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno import configfile
from notturno.cli import offered, speech
from notturno.errors import Phrase, UserError
from notturno.paths import ENVIRONMENT_VARIABLE, data_dir
from notturno.words import _

if TYPE_CHECKING:
    from notturno.store import Store

DATA_DIR_HELP = "Folder of your data (also NOTTURNO_DATA_DIR; otherwise the platform's own)."
NOTHING_YET = "Nothing is stored yet: bring your band near and run  notturno sync"
NONE_OF_THEM = "No night is stored there; the stored ones go from {first} to {last}."
HELP_NAMES = {"help_option_names": ["-h", "--help"]}
virtual_option = click.option(
    "--virtual", metavar="HOST:PORT", help="A virtual band's radio, not the real one."
)


class Number(click.FloatRange):
    """A number within its bounds, and a number: nan, which no bound keeps out, is refused."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return it as a float. Raises click.BadParameter."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(_("{value} is no number that can be used.").format(value=value), param, ctx)
        return found


COUNT = click.IntRange(1, 2**31 - 1)  # also what a database numbers its rows with
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON for programs.",
)
lang_option = click.option(
    "--lang",
    metavar="LANG",
    help=speech.LANG_HELP,
    is_eager=True,
    expose_value=False,
    callback=speech.checked,
)
_KEPT = "notturno."  # what the group's options leave for the command, in the context's `meta`


def _keep(
    context: click.Context, option: click.Option, value: bool | str | None
) -> bool | str | None:
    if value:
        context.meta[_KEPT + option.name] = value
    return value


def _folder(context: click.Context, _option: click.Option | None, value: str | None) -> str | None:
    """Return the folder that all options, before and behind the command, point at; None: none."""
    option = value or context.meta.get(_KEPT + "folder")
    person, demo = (context.meta.get(_KEPT + name) for name in ("person", "demo"))
    if not option and not demo and ENVIRONMENT_VARIABLE not in os.environ:
        option = configfile.general("data-dir")
        if person is None:
            person = context.meta[_KEPT + "person"] = configfile.general("person")
    if person is None and not demo:
        return option
    return str(data_dir(option, person, bool(demo), create=False))


def folder_of(context: click.Context) -> str | None:
    """Return the folder that a context's options, as far as they are typed, point at."""
    return _folder(context, None, context.params.get("folder"))


def _of_the_logbook(offer: Callable[[Store, str], list]) -> Callable:
    """Return a completion that asks the logbook; whatever goes wrong, it offers nothing."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list:
        try:
            with open_for_reading(folder_of(context)) as store:
                return offer(store, incomplete)
        except Exception:  # a shell that completes must never show a traceback
            return []

    return complete


offer_nights, offer_bands = _of_the_logbook(offered.nights), _of_the_logbook(offered.bands)


def _with_folder(function: Callable, **last: Any) -> Callable:
    """Add --data-dir, --person, --demo, --lang; only the folder reaches the function."""
    for option in (
        click.option("--data-dir", "folder", metavar="DIR", help=DATA_DIR_HELP, **last),
        click.option(
            "--person",
            metavar="NAME",
            help=_("The nights of this person, in a folder of their own."),
            is_eager=True,
            expose_value=False,
            callback=_keep,
        ),
        click.option(
            "--demo",
            is_flag=True,
            help=_("The nights of the demo (notturno demo)."),
            is_eager=True,
            expose_value=False,
            callback=_keep,
        ),
        lang_option,
    ):
        function = option(function)
    return function


def data_dir_option(function: Callable) -> Callable:
    """Give a command `folder`, for `data_dir` and `open_for_reading`: whose nights it is about."""
    return _with_folder(function, callback=_folder)


def group_data_dir_option(function: Callable) -> Callable:
    """Let the same options stand before the command; they hold for whichever follows."""
    return _with_folder(function, callback=_keep, expose_value=False)


def chosen_person() -> str | None:
    """Return the name given with --person to the command that runs."""
    return click.get_current_context().meta.get(_KEPT + "person")


def night_argument_and_option(function: Callable) -> Callable:
    """Give a command `night`, named as its argument or with --night; None where it is not.

    Raises UserError where both are given and differ.
    """

    @click.argument(
        "night_argument", metavar="[NIGHT]", required=False, shell_complete=offer_nights
    )
    @click.option(
        "--night",
        "night_option",
        metavar="NIGHT",
        help="The same as the argument.",
        shell_complete=offer_nights,
    )
    @functools.wraps(function)
    def with_night(
        *arguments: Any, night_argument: str | None, night_option: str | None, **values: Any
    ):
        if None not in (night_argument, night_option) and night_argument != night_option:
            raise UserError(
                "Two nights are named, {night_argument} and --night {night_option}; name one.",
                night_argument=night_argument,
                night_option=night_option,
            )
        night = night_option if night_argument is None else night_argument
        return function(*arguments, night=night, **values)

    return with_night


def check_date(text: str | None) -> str | None:
    """Return the ISO date or None; raises UserError for anything else."""
    from notturno.nights.calendar import parse_date

    if text is None:
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise UserError("{text} is no date; write it as 2026-01-31.", text=text) from None


def check_dates(since: str | None, until: str | None) -> tuple:
    """Return both dates of `nights_options`, checked; raises UserError where they are swapped."""
    since, until = check_date(since), check_date(until)
    if since and until and until < since:
        raise UserError(
            "--until {until} lies before --since {since}; swap them.", until=until, since=since
        )
    return since, until


def none_of_them(store: Store) -> UserError:
    """Return the error of a choice that no stored night answers; it says which there are."""
    dates = sorted(row["date"] for row in store.nights() if row["date"])
    if not dates:
        return UserError("{nothing_said}.", nothing_said=NOTHING_YET)
    return UserError(NONE_OF_THEM, first=dates[0], last=dates[-1])


def nights_options(function: Callable) -> Callable:
    """Give a command `last`, `since`, `until` and `band`: which nights, alike everywhere."""
    for option in (
        click.option(
            "--band",
            metavar="BAND",
            shell_complete=offer_bands,
            help="Only this band: its name or id.",
        ),
        click.option("--until", metavar="DATE", help="Only nights up to this evening."),
        click.option(
            "--since", metavar="DATE", help="Only nights from this evening on (2026-01-31)."
        ),
        click.option("--last", type=COUNT, metavar="N", help="Only the last N nights."),
    ):
        function = option(function)
    return function


def open_for_reading(option: Path | str | None) -> Store:
    """Open the logbook (a Store) for reading: no folder and no file is made or changed."""
    from notturno.cli.progress import rebuilding
    from notturno.store import Store

    return Store.open(data_dir(option, create=False), create=False, progress=rebuilding())


def open_for_writing(option: Path | str) -> Store:
    """Open the logbook (a Store) for writing, made if missing."""
    from notturno.cli.progress import rebuilding
    from notturno.store import Store

    return Store.open(data_dir(option), progress=rebuilding())


def which_night(store: Store, night: str | None) -> str | None:
    """Return the key of the night asked for, or of the latest; None where nothing is stored.

    Raises UserError for a night that is not stored, and says which are near it.
    """
    stored = store.night_names()
    if night is None:
        nights = [name for name in stored if "-nap" not in name]
        return nights[-1] if nights else None
    if night in stored:
        return night
    if not night.startswith("undated-") and "-nap" not in night:
        check_date(night)
    known = Phrase(_("nothing is stored yet"))
    if stored:
        known = Phrase(_("the latest stored one is {night}"), night=stored[-1])
    raise UserError(
        "The night {night} is not stored; {known_said} (see notturno nights).",
        night=night,
        known_said=known,
    )
