"""The page that says what this is: the texts of `notturno.knowledge`, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno import knowledge
from notturno.dashboard import pages
from notturno.dashboard.say import _

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked


def page(asked: Asked) -> str:
    """Return the page."""
    groups: dict = {}
    for one in knowledge.EXPOSURES:
        groups.setdefault(one.group, []).append(one)
    return pages.page(
        asked,
        "about.html",
        _("What this is"),
        purpose=knowledge.PURPOSE,
        not_for=knowledge.NOT_FOR,
        sections=knowledge.SECTIONS,
        groups=list(groups.items()),
        sources=list(knowledge.SOURCES.items()),
    )
