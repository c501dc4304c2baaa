"""The versions of all rules, in one place: what made a figure.

A version is raised when the meaning of a figure changes; nights made by another are made again.
"""

from zlib import crc32

from notturno_core import names

from notturno.nights.columns import BY_KEY, RULES

NIGHT = "night-4"  # what a night is, what counts, what a column of `nights.columns` means
SLEEP = "sleep-1"
JERKS = "jerks-2"
OF_MOVEMENTS = tuple(rule_set.version for rule_set in RULES)  # one a rule set, in its row
TWO_BANDS = "two_bands-2"
BOTH_LEGS = "both_legs-1"


def rules_version() -> str:
    """Return the versions of all that makes a night's columns, as one text."""
    named_by = f"names-{names.VERSION}"
    return " ".join((NIGHT, named_by, SLEEP, JERKS, *OF_MOVEMENTS, TWO_BANDS, BOTH_LEGS))


def made_by() -> str:
    """Return by what a stored night is told: the rules, and which columns a night has."""
    return f"{rules_version()} columns-{crc32(' '.join(BY_KEY).encode()):08x}"
