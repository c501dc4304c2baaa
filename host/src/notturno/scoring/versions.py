"""The versions of all rules, in one place: what made a figure.

A version is raised when the meaning of a figure changes; nights made by another are made again.
"""

from notturno_core import names

NIGHT = "night-4"  # what a night is, what counts, the columns of `nights.columns`
SLEEP = "sleep-1"
JERKS = "jerks-2"
WASM2016 = "wasm2016-2"
AASM3 = "aasm3-2"
TWO_BANDS = "two_bands-2"
BOTH_LEGS = "both_legs-1"


def rules_version() -> str:
    """Return the versions of all that makes a night's columns, as one text."""
    named_by = f"names-{names.VERSION}"
    return " ".join((NIGHT, named_by, SLEEP, JERKS, WASM2016, AASM3, TWO_BANDS, BOTH_LEGS))
