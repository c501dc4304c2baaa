"""The language of a command: --lang, its help and click's own errors, translated as they print.

Touches nothing but what click prints. Imports click alone at the start.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
from collections.abc import Iterator
from typing import Any

import click

from notturno import configfile
from notturno.errors import UserError
from notturno.words import ENGLISH, LANGUAGES, _, asked, known, language, said, speaking
from notturno.words.spoken import VARIABLES, given, is_spoken

LANG_HELP = "Language, for example it (also NOTTURNO_LANG; otherwise the system's)."
# What click says by itself (8.1 to 8.5); its values, where they are quoted, with their quotes.
CLICK_SAYS = (
    *("Usage: ", "Usage: {rest}", "OPTIONS", "COMMAND", "ARGS", "Options", "Commands"),
    *("Arguments", "Positional arguments", "Show this message and exit."),
    *("Show the version and exit.", "default: {value}", "required", "Aborted!"),
    *("Try '{command} {option}' for help.", "Error: {message_said}"),
    *("No such option: {name}", "No such option {name}. {hint_said}", "No such option {name}."),
    *("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    *("Did you mean one of: {possibilities}?", "No such command {name}.", "Missing command."),
    *("Missing argument {hint}.", "Missing argument {hint}. {more_said}"),
    *("Missing option {hint}.", "Missing option {hint}. {more_said}", "Choose from: {choices}"),
    *("Invalid value for {param_hint}: {message_said}", "Invalid value: {message_said}"),
    *("Option {name} requires an argument.", "Option {name} requires {nargs} arguments."),
    "Option {name} does not take a value.",
    *("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    *("{value} is not a valid {type_said}.", "{value} is not in the range {range}."),
    *("{value} is not one of {choices}.", "{value} is not {choice}."),
    *("integer range", "float range", "integer", "float"),
    *("{kind} {filename} does not exist.", "{kind} {filename} is not readable."),
)
PARAGRAPH = re.compile(r"\n\s*\n")


def one_line(text: str) -> str:
    """Return a text as the catalogue keeps it: each paragraph a line, but those of fixed lines."""
    paragraphs = PARAGRAPH.split(inspect.cleandoc(text).partition("\f")[0])
    return "\n\n".join(one if one[:1] == "\b" else " ".join(one.split()) for one in paragraphs)


class Formatter(click.HelpFormatter):
    """Writes the help in the language spoken."""

    def write_usage(self, prog: str, args: str = "", prefix=None) -> None:
        if language() == ENGLISH:
            super().write_usage(prog, args, prefix)
            return
        words = " ".join(map(_own_name, args.split(" ")))
        super().write_usage(prog, words, _("Usage: ") if prefix is None else said(prefix))

    def write_heading(self, heading: str) -> None:
        super().write_heading(_(heading))

    def write_text(self, text: str) -> None:
        super().write_text(text if language() == ENGLISH else _(one_line(text)))

    def write_dl(self, rows: list[tuple[str, str]], *spacing: Any, **more: Any) -> None:
        if language() != ENGLISH:
            rows = [(name, _row(text)) for name, text in rows]
        super().write_dl(rows, *spacing, **more)


def _own_name(word: str) -> str:
    """Return one of click's own names of what is given; those of commands are syntax, and stay."""
    bare = word.strip("[].")
    return word.replace(bare, _(bare)) if bare in ("OPTIONS", "COMMAND", "ARGS") else word


def _row(text: str) -> str:
    whole = one_line(text)
    if "  [" not in text or _(whole) != whole:
        return _(whole)
    text, _sep, extra = text.rpartition("  [")
    extras = [said(part) for part in extra.removesuffix("]").split("; ")]
    return f"{_(one_line(text))}  [{'; '.join(extras)}]"


class Group(click.Group):
    """A group whose commands are listed by the first sentence of their help, translated."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if language() == ENGLISH:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _first_sentence(found.help)) for name, found in self.commands.items()]
            )


def _first_sentence(text: str | None) -> str:
    return _(one_line(text or "")).partition("\n")[0].partition(". ")[0].rstrip(".") + "."


def show(error: click.ClickException) -> None:
    """Print click's own error on stderr, in the language spoken."""
    if language() == ENGLISH:
        error.show()
        return
    text = io.StringIO()
    error.show(text)
    for line in text.getvalue().splitlines():
        if line.startswith("Error: "):
            message = said(line.removeprefix("Error: "))
            click.echo(_("Error: {message_said}").format(message_said=message), err=True)
        else:
            click.echo(said(line), err=True)


def unknown_language(value: Any) -> UserError:
    """Return what is said of a language that notturno does not speak."""
    return UserError(
        "lang cannot be {value}; the languages are: {known}.",
        value=value,
        known=", ".join(LANGUAGES),
    )


def checked(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return what --lang says; raises UserError where that is not spoken."""
    if value is not None and not is_spoken(value):
        raise unknown_language(value)
    return value


def wanted(arguments: list[str]) -> str:
    """Return the language of a command line: --lang, NOTTURNO_LANG, the settings, the system's."""
    if given(arguments) is None and not os.environ.get(VARIABLES[0]):
        with contextlib.suppress(UserError):  # whoever needs the settings says what is wrong
            settled = configfile.general("lang")
            if settled:
                return known(settled)
    return asked(arguments)


@contextlib.contextmanager
def in_language(arguments: list[str]) -> Iterator[None]:
    """Speak the language of a command line; English where JSON is printed: programs read it."""
    spoken = ENGLISH if "--json" in before_dashes(arguments) else wanted(arguments)
    with speaking(spoken):
        yield


def before_dashes(arguments: list[str]) -> list[str]:
    """Return the arguments before a bare --, behind which nothing is an option."""
    arguments = list(arguments)
    return arguments[: arguments.index("--")] if "--" in arguments else arguments
