"""The templates and what all of them know. Reads this room's folder alone.

Everything that is put into a template is escaped, but what this program has drawn itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from notturno.charts.page import html_legend
from notturno.charts.svg import DEFINITIONS, STYLE
from notturno.dashboard import say
from notturno.knowledge.purpose import SHORT
from notturno.words.languages import KNOWN

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked
    from notturno.words.written import Written

STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
VIEW_OF = {f"{name}.html": name for name in ("nights", "compare", "diary", "corrections", "bands")}
VIEW_OF |= {"about.html": "about", "error.html": None, "event.html": None, "event_part.html": None}


def static(name: str) -> tuple[str, str]:
    """Return (text, media type) of a file of STATIC; pictures' style comes with the page's."""
    text = (files("notturno.dashboard") / "static" / name).read_text(encoding="utf-8")
    return (STYLE + text if name == "page.css" else text), STATIC[name]


@cache
def environment() -> Environment:
    """Return the one environment: escaping always, and an error for what is not there."""
    made = Environment(
        loader=PackageLoader("notturno.dashboard", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "num": say.num,
        "night": say.night_text,
        "reason": say.reason,
        "day": say.date_text,
        "said": say.said,
    }
    made.globals |= {"_": say._, "n_": say.n_, "drawn": Markup, "zone_of": say.time_of}
    return made


def views() -> list[tuple[str, str]]:
    """Return (first part of the address, name) of every view, in the order of the menu."""
    return [
        ("", say._("Last night")),
        ("nights", say._("Nights")),
        ("compare", say._("Compare")),
        ("diary", say._("Diary")),
        ("corrections", say._("Corrections")),
        ("bands", say._("Bands")),
        ("about", say._("What this is")),
    ]


def page(asked: Asked, template: str, title: str, **values) -> str:
    """Return the HTML of a page; title: of the window and of the first heading."""
    return (
        environment()
        .get_template(template)
        .render(
            asked=asked,
            title=title,
            views=views(),
            view=VIEW_OF.get(template, ""),
            footer=SHORT,
            definitions=Markup(DEFINITIONS),
            legend=Markup(html_legend()),
            languages={code: one.name for code, one in KNOWN.items()},
            **values,
        )
    )


def choices(
    values: Sequence[tuple[str, Written | str]], chosen: str | None
) -> list[tuple[str, str, bool]]:
    """Return (value, words, chosen) of what a select offers; values: pairs."""
    return [(value, words, value == chosen) for value, words in values]
