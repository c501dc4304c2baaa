"""What a shell is offered while a person types: nights, bands, measures.

Reads the logbook; whatever goes wrong, nothing is offered and nothing said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click
    from click.core import Argument


def nights(context: click.Context, _parameter: Argument, incomplete: str) -> list:
    """Return the stored nights that begin so, the newest first."""
    names = _ask(context, lambda store: store.night_names())
    return [CompletionItem(name) for name in reversed(names) if name.startswith(incomplete)]


def bands(context: click.Context, _parameter: click.Option, incomplete: str) -> list:
    """Return the names of the bands (ids of those without) that begin so."""
    found = []
    for band in _ask(context, lambda store: store.bands()):
        word = band["name"] or band["device_id"]
        if word.lower().startswith(incomplete.lower()):
            found.append(CompletionItem(word, help=band["device_id"]))
    return found


def measures(_context: click.Context, _parameter: click.Option, incomplete: str) -> list:
    """Return the measures of a night that begin so, with their words."""
    from notturno.nights.columns import BY_KEY, MEASURES

    return [CompletionItem(k, help=BY_KEY[k].words) for k in MEASURES if k.startswith(incomplete)]


def _ask(context: click.Context, question: Callable) -> list[Any]:
    from notturno.cli.options import folder_of, open_for_reading

    try:
        with open_for_reading(folder_of(context)) as store:
            return list(question(store))
    except Exception:  # a shell that completes must never show a traceback
        return []
