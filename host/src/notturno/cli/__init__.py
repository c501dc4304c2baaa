"""The command `notturno`: names its commands and loads one only when it is used.

Imports click and the standard library alone, so that `--help` answers at once.
"""

import contextlib
import errno
import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from notturno import configfile
from notturno.cli import missing, speech, streams
from notturno.cli.ended import Ended
from notturno.cli.options import HELP_NAMES, group_data_dir_option
from notturno.errors import UserError
from notturno.words import _, said, speaking

ENDED = Ended()
PATH_SIGNS = 200  # of a path in a sentence: a name that is too long is cut there
TAKES_NO_MORE = (errno.ENOSPC, errno.EDQUOT)  # also behind a file that is open: without its name
# name -> (module:object, one line for the help)
COMMANDS = {
    "setup": ("notturno.cli.setup:command", "The first evening with a band, step by step."),
    "band": ("notturno.cli.band:command", "Run the virtual band."),
    "sync": ("notturno.cli.sync:command", "Fetch, store and confirm what a band recorded."),
    "live": ("notturno.cli.live:command", "What a band finds, while it finds it."),
    "phone": ("notturno.cli.phone:command", "Make the page with which a phone fetches a night."),
    "import": ("notturno.cli.import_records:command", "Take in what others wrote."),
    "export": ("notturno.cli.export:command", "Write nights as files for other programs."),
    "backup": ("notturno.cli.backup:command", "Keep all in one file, and prove that it can."),
    "restore": ("notturno.cli.restore:command", "Put a backup in place."),
    "forget": ("notturno.cli.forget:command", "Delete a night, a band or all for good."),
    "check": ("notturno.cli.check:command", "Let a band test itself: what to mend first."),
    "nights": ("notturno.cli.nights:command", "One row a night."),
    "show": ("notturno.cli.show:command", "The events of one night."),
    "chart": ("notturno.cli.chart:command", "Draw the nights as a picture."),
    "dashboard": ("notturno.cli.dashboard:command", "The nights in a browser, on this machine."),
    "replay": ("notturno.cli.replay:command", "Run the detector over a raw recording."),
    "synth": ("notturno.cli.synth:command", "Make a synthetic night with its truth."),
    "bench": ("notturno.cli.bench:command", "Measure the detector against the baselines."),
    "score": ("notturno.cli.score:command", "Score a list of movements by the published rules."),
    "stats": ("notturno.cli.stats:command", "Figures over many nights."),
    "cohort": ("notturno.cli.cohort:command", "Nights of many people, and how sure they are."),
    "compare": ("notturno.cli.compare:command", "Compare two phases, e.g. before and after."),
    "tag": ("notturno.cli.tag:command", "Name a span of nights: a phase or any tag."),
    "bands": ("notturno.cli.bands:command", "Your bands: names, places, battery, last seen."),
    "flash": (
        "notturno.cli.flash:command",
        "Put the newest program onto a board or a band.",
    ),
    "update": ("notturno.cli.update:command", "Bring a band's newest program over the radio."),
    "config": ("notturno.cli.config:command", "What you set for good."),
    "doctor": ("notturno.cli.doctor:command", "What may be wrong, and what to do about it."),
    "edit": ("notturno.cli.edit:command", "Correct a night: zone, bed and wake time, exclude."),
    "report": ("notturno.cli.report:command", "Two pages for the physician, as a PDF."),
    "diary": ("notturno.cli.diary:command", "What you took, drank, felt or noted."),
    "label": ("notturno.cli.label:command", "Say of single events whether they were yours."),
    "stimuli": ("notturno.cli.stimuli:command", "Do jerks follow sounds, lights or touches?"),
    "about": ("notturno.cli.about:command", "What this is for, and what is known about jerks."),
    "completion": ("notturno.cli.completion:command", "Let your shell complete what you type."),
    "service": ("notturno.cli.service:command", "Let this computer sync each morning."),
    "mqtt": ("notturno.cli.mqtt:command", "Tell Home Assistant of last night."),
    "demo": ("notturno.cli.demo:command", "Three virtual nights, synced and shown."),
}


click.Context.formatter_class = speech.Formatter  # every help, also of commands to come


class LazyGroup(click.Group):
    """A group whose help needs none of its commands' modules."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **more: Any) -> Any:
        args = sys.argv[1:] if args is None else list(args)
        with speech.in_language(args):
            return super().main(args, *others, **more)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | speech.Group | None:
        name = cmd_name
        if name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[name][0].split(":")
        command = getattr(importlib.import_module(module_name), attribute)
        if name != "config":  # which mends a damaged file
            _set_defaults(ctx, name, command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2)
            hint = _("See notturno --help.")
            if near:
                hint = _("Did you mean {names}?").format(names=_(" or ").join(near))
            ctx.fail(_("No such command '{name}'. {hint}").format(name=args[0], hint=hint))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _set_defaults(ctx: click.Context, name: str, command: click.Command | speech.Group) -> None:
    """Give a command's options the defaults of its table in the settings file."""
    table = configfile.read().get(name)
    if isinstance(table, dict) and table:
        from notturno.cli.configured import defaults_of

        ctx.default_map = {**(ctx.default_map or {}), name: defaults_of(command, table, name)}


def _print_version(ctx: click.Context, _option: click.Option, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from notturno.origin import version_line

        click.echo(version_line())
        ctx.exit()


@click.group(cls=LazyGroup, context_settings=HELP_NAMES)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@group_data_dir_option
def cli() -> None:
    """notturno counts the jerks of a sleeping limb.

    It is not a medical device and makes no diagnosis: show its report to a doctor.
    """


def main() -> None:
    """Run the command line and leave with its exit code; whatever ends it is one sentence.

    0: done; 1: a UserError, nobody's answer, or an output that takes no more; 2: wrong arguments;
    130: Ctrl-C; 141: whoever read the output has gone. A signal that ends it is
    heard as Ctrl-C is, then ends it.
    """
    streams.prepare()
    ENDED.listen()
    arguments = streams.readable(sys.argv[1:])
    with speaking(speech.wanted(arguments)):
        code = _code_of(arguments)
    ENDED.leave()
    raise SystemExit(code)


def _code_of(arguments: list[str]) -> int:
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except streams.OutputGone as gone:
        if gone.error.errno in (errno.EPIPE, errno.EINVAL):  # EINVAL: a broken pipe on Windows
            code = streams.BROKEN_PIPE
        else:
            why = said(gone.error.strerror)
            text = _("the output cannot be written ({why}); give it another place.")
            code = _say(text.format(why=why), 1)
    return code


def _run(arguments: list[str]) -> int:
    """Return the exit code of one command; every error that a person may cause is a sentence."""
    try:
        # Without `standalone_mode` click gives back the exit code, None for a command's return.
        return cli.main(arguments, prog_name="notturno", standalone_mode=False) or 0
    except UserError as error:
        return _say(said(error), 1)
    except click.ClickException as error:
        speech.show(error)
        return error.exit_code
    except ModuleNotFoundError as error:
        wanted = missing.extra_of(error)
        if wanted is None:
            raise
        text = _("This needs {package}; install it: pip install 'notturno[{extra}]'.")
        return _say(text.format(package=wanted[0], extra=wanted[1]), 1)
    except OSError as error:
        if error.errno in TAKES_NO_MORE and error.filename is None:
            text = _("the disk takes no more ({why}); make room and run it again.")
            return _say(text.format(why=said(error.strerror or "")), 1)
        if error.filename is None or not error.strerror:
            raise
        text = _("{path}: {why}; choose another place, or correct this one.")
        path = str(error.filename)[:PATH_SIGNS]
        return _say(text.format(path=path, why=said(error.strerror)), 1)
    except UnicodeEncodeError as error:
        if not any("\ud800" <= character <= "\udfff" for character in error.object):
            raise
        text = _("{text!r} is no text in this terminal's encoding; use UTF-8.")
        return _say(text.format(text=error.object), 1)
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__context__, EOFError):  # click makes one of both
            text = _(
                "nobody answered, for the input has ended; ask in a terminal, or give the option "
                "that answers (--help shows it)."
            )
            return _say(text, 1)
        if ENDED.name is not None:
            text = _("stopped from outside ({signal}); what was stored before stays stored.")
            return _say(text.format(signal=ENDED.name), 1)
        return _say(_("stopped by Ctrl-C; what was stored before stays stored."), 130)


def _say(sentence: str, code: int) -> int:
    with contextlib.suppress(OSError):  # a full stderr can be told nothing
        click.echo(f"notturno: {sentence}", err=True)
    return code
