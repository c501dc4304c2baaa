"""The languages that notturno speaks: a new one is one more row here and its catalogue.

Pure; imports nothing of the house, so that commands start fast.
"""

from typing import NamedTuple


class Language(NamedTuple):
    """name: its own, for who looks for it; locale: whose dates it writes, by babel's names.

    decimal, thousands: the signs in a number; yes, no: what is taken for each answer, in small
    letters, the shortest first, which a question shows; plurals: how many forms a noun has, and
    gettext's expression that chooses one for n.
    """

    name: str
    locale: str
    decimal: str
    thousands: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    plurals: tuple[int, str] = (2, "(n != 1)")


KNOWN = {
    # English dates: days before months, 24 hours.
    "en": Language("English", "en_GB", ".", ",", ("y", "yes"), ("n", "no")),
    # Two forms of a noun: CLDR's third plural is of millions alone.
    "it": Language("Italiano", "it", ",", ".", ("s", "sì", "si", "y", "yes"), ("n", "no")),
}
