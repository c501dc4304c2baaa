"""What a shell is offered while a person types: nights, bands, measures of a logbook.

Pure; `options` opens the logbook for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click

    from notturno.store import Store


def nights(store: Store, incomplete: str) -> list[CompletionItem]:
    """Return the stored nights that begin so, the newest first."""
    names = store.night_names()
    return [CompletionItem(name) for name in reversed(names) if name.startswith(incomplete)]


def bands(store: Store, incomplete: str) -> list[CompletionItem]:
    """Return the names of the bands (ids of those without) that begin so."""
    found = []
    for band in store.bands():
        word = band["name"] or band["device_id"]
        if word.lower().startswith(incomplete.lower()):
            found.append(CompletionItem(word, help=band["device_id"]))
    return found


def measures(
    _context: click.Context, _parameter: click.Option, incomplete: str
) -> list[CompletionItem]:
    """Return the measures of a night that begin so, with their words."""
    from notturno.nights.columns import BY_KEY, MEASURES

    return [CompletionItem(k, help=BY_KEY[k].words) for k in MEASURES if k.startswith(incomplete)]
