"""The command `config`: what you set for good."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from notturno import configfile
from notturno.cli import speech
from notturno.cli.configured import checked, option_of
from notturno.cli.options import HELP_NAMES, json_option
from notturno.cli.words import print_json, print_table
from notturno.errors import UserError
from notturno.words import LANGUAGES, _

SCHEMA = "config-1"


@click.group(cls=speech.Group, invoke_without_command=True, context_settings=HELP_NAMES)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Set for good what you would give with every command.

    KEY is data-dir, person or lang, or the option of a command: report.paper.
    """
    if ctx.invoked_subcommand is not None:
        return
    found = configfile.read()
    path = configfile.config_path()
    if as_json:
        print_json({"schema": SCHEMA, "path": str(path), "there": path.exists(), "set": found})
        return
    click.echo(
        _("Settings: {path}").format(path=path) + ("" if path.exists() else _(" (not there yet)"))
    )
    rows = [[key, str(value)] for key, value in _flat(found)]
    if rows:
        print_table(["key", "value"], rows)
    else:
        click.echo(_("Nothing is set: notturno config set KEY VALUE"))


@command.command("set", context_settings=HELP_NAMES)
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
def set_value(key: str, values: tuple[str, ...]) -> None:
    """Set KEY to VALUE; several values for an option that may be given more than once."""
    first, *more = values
    value: Any = values if more else first
    keys = _keys_of(key)
    if len(keys) == 1:
        if len(values) > 1:
            raise UserError("{key} takes one value.", key=key)
        if key == "lang" and value not in LANGUAGES:
            raise speech.unknown_language(value)
    else:
        option = _option(keys)
        if option.is_flag:
            value = _flag(key, value)
        elif option.multiple:
            value = list(values)
        checked(option, value, key)
        value = _as_toml(option, value)
    path = configfile.write(keys, value)
    click.echo(f"{key} = {value}  ({path})")


@command.command("unset", context_settings=HELP_NAMES)
@click.argument("key")
def unset(key: str) -> None:
    """Take KEY out of the settings."""
    keys = key.split(".")
    if key not in dict(_flat(configfile.read())):
        raise UserError("{key} is not set; see notturno config.", key=key)
    click.echo(
        _("{key} is no longer set  ({write})").format(key=key, write=configfile.write(keys, None))
    )


def _flat(table: dict, before: str = "") -> Iterator[tuple[str, list[str] | int | str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def _keys_of(key: str) -> list[str]:
    keys = key.split(".")
    if len(keys) == 1 and key not in configfile.GENERAL:
        known = ", ".join(configfile.GENERAL)
        raise UserError(
            "There is no setting {key}; there are: {known}, and the options of "
            "commands, for example report.paper.",
            key=key,
            known=known,
        )
    return keys


def _option(keys: list[str]) -> click.Option:
    from notturno.cli import cli

    group = cli
    for name in keys[:-1]:
        found = None
        if isinstance(group, click.Group):
            found = group.get_command(click.Context(group), name)
        if found is None:
            raise UserError(
                "There is no command {command}; see notturno --help.", command=" ".join(keys[:-1])
            )
        group = found
    option = option_of(group, keys[-1])
    if option is None:
        known = ", ".join(
            name.removeprefix("--")
            for parameter in group.params
            if isinstance(parameter, click.Option) and not parameter.hidden
            for name in parameter.opts
        )
        raise UserError(
            "{command} has no option {option}; it has: {known}.",
            command=" ".join(keys[:-1]),
            option=keys[-1],
            known=known,
        )
    return option


def _flag(key: str, value: Any):
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if str(value).lower() not in words:
        raise UserError("{key} is on or off; say which.", key=key)
    return words[str(value).lower()]


def _as_toml(option: click.Option, value: Any) -> Sequence[str] | float:
    """Return numbers as numbers, so that the file reads as one would write it."""
    if isinstance(value, str):
        for kind in (int, float):
            wanted = click.types.IntParamType if kind is int else click.types.FloatParamType
            if isinstance(option.type, wanted):
                return kind(value)
    return value
