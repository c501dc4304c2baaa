"""The words of the language spoken: English in the source, others from catalogues.

Reads locale/LANGUAGE/LC_MESSAGES/notturno.mo, which `make words` makes; imports gettext only
where another language than English is spoken.
"""

from functools import cache
from pathlib import Path

from notturno.words.spoken import ENGLISH, language

FOLDER = Path(__file__).parent / "locale"
DOMAIN = "notturno"


@cache
def translations(name: str):
    """Return the catalogue of a language (gettext); one that knows no word where none is here."""
    import gettext

    return gettext.translation(DOMAIN, FOLDER, [name], fallback=True)


def _(text: str) -> str:
    """Return a text of the source in the language spoken; its `format` writes that way, too."""
    name = language()
    if name == ENGLISH or not text:
        return text
    from notturno.words.written import Written

    return Written(translations(name).gettext(text))


def n_(one: str, many: str, number: int) -> str:
    """Return the form for a number of a text that has two; neither need name the number."""
    name = language()
    if name == ENGLISH:
        return one if number == 1 else many
    from notturno.words.written import Written

    return Written(translations(name).ngettext(one, many, number))
