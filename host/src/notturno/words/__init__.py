"""What people read, in their language: the words of the source are English, catalogues the rest.

`_` and `n_` look up a text, `said` an error, a refusal or a stored sentence, `speaking` chooses
the language, `numbers` writes figures and dates; `sentences` says a night in words. Rooms that
compute and store know nothing of it: they speak English templates.
"""

from notturno.words.catalogue import _, n_
from notturno.words.sentences import (
    age_text,
    counted,
    duration_text,
    night_line,
    rates_text,
    reason_of,
)
from notturno.words.spoken import ENGLISH, LANGUAGES, asked, known, language, speaking

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "_",
    "age_text",
    "asked",
    "counted",
    "duration_text",
    "figure",
    "known",
    "language",
    "n_",
    "night_line",
    "rates_text",
    "reason_of",
    "said",
    "speaking",
]


def figure(form: str, *values: float | str) -> str:
    """Return values in a form ("{:.1f} h"), numbers as the language spoken writes them."""
    if language() == ENGLISH:
        return form.format(*values)
    from notturno.words.written import Written

    return Written(form).format(*values)


def said(thing) -> str:
    """Return an error, a Refusal, its JSON, or a stored sentence in the language spoken."""
    from notturno.words import saying

    return saying.said(thing)
