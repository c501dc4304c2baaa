"""The command `completion`, and what the shell is offered: nights, bands, measures.

Reads the logbook while a person types: whatever goes wrong, nothing is offered and nothing said.
"""

from typing import Any

import click

from notturno.cli.options import HELP_NAMES

SHELLS = ("bash", "zsh", "fish")


@click.command(context_settings=HELP_NAMES)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what makes SHELL complete commands, nights, bands and measures.

    \b
    bash: put into ~/.bashrc:  eval "$(notturno completion bash)"
    zsh:  put into ~/.zshrc:   eval "$(notturno completion zsh)"
    fish: notturno completion fish > ~/.config/fish/completions/notturno.fish
    """
    from click.shell_completion import get_completion_class

    from notturno.cli import cli

    kind: Any = get_completion_class(shell)
    made = kind(cli, {}, "notturno", "_NOTTURNO_COMPLETE")
    click.echo(made.source())
