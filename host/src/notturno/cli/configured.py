"""How the settings file gives options their defaults: its tables, held against the commands.

Imports click alone at the start; the file is read once a run, and only where it is there.
"""

from typing import Any, cast

import click

from notturno.configfile import config_path
from notturno.errors import UserError


def defaults_of(command: click.Command, table: dict, where: str) -> dict:
    """Return {parameter's name: value} of a table of a command (or group), as click wants it.

    Raises UserError for a name that the command does not have and a value that it does not take.
    """
    found = {}
    for name, value in table.items():
        if isinstance(command, click.Group) and isinstance(value, dict):
            inner = command.get_command(click.Context(command), name)
            if inner is not None:
                found[name] = defaults_of(inner, value, f"{where}.{name}")
                continue
        option = option_of(command, name)
        if option is None:
            raise UserError(
                "In {path} the table [{where}] names {name}, which is "
                "no option of notturno {command}; see its -h.",
                path=config_path(),
                where=where,
                name=name,
                command=where.replace(".", " "),
            )
        found[option.name] = checked(option, value, f"{where}.{name}")
    return found


def option_of(command: click.Command, name: str) -> click.Option | None:
    """Return a command's option by its long name without dashes; None where it has none such."""
    for parameter in command.params:
        if f"--{name}" in parameter.opts:
            return cast(click.Option, parameter)  # an argument's name has no dashes
    return None


def checked(option: click.Option, value: Any, where: str) -> tuple[str, str] | int:
    """Return a value in the type of an option; raises UserError where it takes no such value."""
    try:
        return option.type_cast_value(click.Context(click.Command("config")), value)
    except (click.BadParameter, TypeError, ValueError) as error:
        why = error.message if isinstance(error, click.BadParameter) else str(error)
        raise UserError(
            "{where} cannot be {value!r}: {why_said}", where=where, value=value, why_said=why
        ) from None
