"""The command `about`: what this is for, and what is known about jerks in sleep."""

import shutil
from textwrap import fill

import click

from notturno.cli.options import HELP_NAMES, json_option, lang_option
from notturno.cli.words import print_json
from notturno.words import _

SCHEMA = "about-1"


@click.command(context_settings=HELP_NAMES)
@json_option
@lang_option
def command(as_json: bool) -> None:
    """Say what this is for, what a jerk in sleep is, what can cause it, when to see a doctor."""
    from notturno import knowledge

    if as_json:
        print_json(document())
        return
    width = min(100, shutil.get_terminal_size().columns)
    _paragraph(_(knowledge.PURPOSE), width)
    for text in knowledge.NOT_FOR:
        _paragraph(_(text), width)
    for section in knowledge.SECTIONS:
        click.echo()
        click.echo(_(section.title))
        for statement in section.statements:
            source = f" [{statement.source}]" if statement.source else ""
            _paragraph(f"- {_(statement.text)}{source}", width, "  ")
    click.echo()
    click.echo(_("What can cause or worsen it (a physician judges what it means for you)"))
    for group in knowledge.GROUPS:
        click.echo(f"{_(group)}:")
        for one in knowledge.EXPOSURES:
            if one.group == group:
                _paragraph(f"- {_(one.name)}: {_(one.effect)} [{one.source}]", width, "  ")
    click.echo()
    for key, source in knowledge.SOURCES.items():
        _paragraph(f"[{key}] {source}", width, "  ")
    click.echo()
    click.echo(_(knowledge.SHORT))


def document() -> dict:
    """Return what --json prints: English, with the keys of the sources."""
    from notturno import knowledge

    return {
        "schema": SCHEMA,
        "purpose": knowledge.PURPOSE,
        "not_for": list(knowledge.NOT_FOR),
        "sections": [
            {
                "code": section.code,
                "title": section.title,
                "statements": [statement._asdict() for statement in section.statements],
            }
            for section in knowledge.SECTIONS
        ],
        "exposures": [one._asdict() for one in knowledge.EXPOSURES],
        "sources": knowledge.SOURCES,
    }


def _paragraph(text: str, width: int, indent: str = "") -> None:
    click.echo(fill(text, width, subsequent_indent=indent))
