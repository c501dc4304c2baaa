"""The languages that notturno speaks: a new one is one more row here and its catalogue.

Pure; imports nothing of the house, so that commands start fast.
"""

from typing import NamedTuple


class Language(NamedTuple):
    """name: its own, for who looks for it; locale: whose dates it writes, by babel's names.

    decimal, thousands: the signs in a number; plurals: how many forms a noun has, and gettext's
    expression that chooses one for n.
    """

    name: str
    locale: str
    decimal: str
    thousands: str
    plurals: tuple[int, str] = (2, "(n != 1)")


KNOWN = {
    "en": Language("English", "en_GB", ".", ","),  # days before months, 24 hours
    "it": Language("Italiano", "it", ",", "."),  # CLDR's third plural is of millions alone
}
