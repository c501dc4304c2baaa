"""The language of a command: --lang, its help and click's own errors, translated as they print.

Touches nothing but what click prints. Imports click alone at the start.
"""

import inspect
import io
import os
import re

import click

from notturno import configfile
from notturno.errors import UserError
from notturno.words import ENGLISH, _, asked, known, language, said, speaking

LANG_HELP = "Language: it or en (also NOTTURNO_LANG; otherwise the system's)."
# What click says by itself; its own names of values.
CLICK_SAYS = (
    *("Usage: ", "Options", "Commands", "Arguments", "Show this message and exit."),
    *("Show the version and exit.", "default: {value}", "required"),
    *("Try '{command} {option}' for help.", "Error: {message_said}", "Usage: {rest}"),
    *("No such option {name}", "No such option {name}. Did you mean {possibilities}?"),
    *("No such option: {name}", "No such command {name}.", "Missing command."),
    *("No such option {name} Did you mean {possibility}?",),
    *("Missing argument {param_hint}.", "Missing option {param_hint}."),
    "Invalid value for {param_hint}: {message_said}",
    "Invalid value: {message_said}",
    *("Option {name} requires an argument.", "Option {name} requires {nargs} arguments."),
    "Option {name} does not take a value.",
    *("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    *("{value} is not a valid {number_type}.", "{value} is not in the range {range}."),
    *("{name} {filename} does not exist.", "{name} {filename} is not readable."),
    *("{value} is not one of {choices}.", "{value} is not a valid boolean."),
)
OWN_VARIABLE = "NOTTURNO_LANG"
PARAGRAPH = re.compile(r"\n\s*\n")


def one_line(text: str) -> str:
    """Return a text as the catalogue keeps it: each paragraph a line; wrapping does not matter."""
    paragraphs = PARAGRAPH.split(inspect.cleandoc(text).partition("\f")[0])
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def wanted(arguments) -> str:
    """Return the language of a command line: --lang, NOTTURNO_LANG, the settings, the system's.

    Settings that cannot be read are no reason to be silent: the command itself will say so.
    """
    spoken = any(word == "--lang" or word.startswith("--lang=") for word in arguments)
    if not spoken and not os.environ.get(OWN_VARIABLE):
        try:
            chosen = configfile.general("lang")
        except UserError:
            chosen = None
        if chosen:
            return known(chosen)
    return asked(arguments)


class Formatter(click.HelpFormatter):
    """Writes the help in the language spoken."""

    def write_usage(self, prog, args="", prefix=None):
        if language() == ENGLISH:
            super().write_usage(prog, args, prefix)
            return
        words = " ".join(_metavar(word) for word in args.split(" "))
        super().write_usage(prog, words, _("Usage: ") if prefix is None else said(prefix))

    def write_heading(self, heading):
        super().write_heading(_(heading))

    def write_text(self, text):
        super().write_text(text if language() == ENGLISH else _(one_line(text)))

    def write_dl(self, rows, *spacing, **more):
        if language() != ENGLISH:
            rows = [(_names(name), _row(text)) for name, text in rows]
        super().write_dl(rows, *spacing, **more)


def _metavar(word):
    bare = word.strip("[].|")
    return word.replace(bare, _(bare)) if bare.isupper() else word


def _names(text):
    return " ".join(map(_metavar, text.split(" ")))


def _row(text):
    if "  [" not in text:
        return _(one_line(text)) if text else text
    text, _sep, extra = text.rpartition("  [")
    extras = [said(part) for part in extra.removesuffix("]").split("; ")]
    return f"{_(one_line(text))}  [{'; '.join(extras)}]"


class Group(click.Group):
    """A group whose commands are listed by the first sentence of their help, translated."""

    def format_commands(self, ctx, formatter):
        if language() == ENGLISH:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _first_sentence(found.help)) for name, found in self.commands.items()]
            )


def _first_sentence(text):
    return _(one_line(text or "")).partition("\n")[0].partition(". ")[0].rstrip(".") + "."


def show(error: click.ClickException) -> None:
    """Print click's own error on stderr, in the language spoken."""
    if language() == ENGLISH:
        error.show()
        return
    text = io.StringIO()
    error.show(text)
    for line in text.getvalue().splitlines():
        click.echo(said(line), err=True)


def speak(context, _option, value):
    """Speak the language of --lang until the command of this context is over."""
    if value:
        context.with_resource(speaking(known(value)))


def speak_english(context, _option, value):
    """Speak English where JSON is printed: programs read it, whatever the person's language."""
    if value:
        context.with_resource(speaking(ENGLISH))
    return value
