"""The intended purpose, in the same words everywhere. Pure data.

What a thing is for is decided by what its makers say of it, not by a disclaimer beside it: so
nothing that people read may promise more than this, and `forbidden_in` finds what would.
"""

import re

SHORT = "Not a diagnosis: show it to a doctor."
PURPOSE = (
    "notturno counts movements of one limb during the night and shows how they are spread over "
    "hours and nights, so that a person can tell a doctor about them. A physician judges what "
    "they mean."
)
NOT_FOR = (
    "It does not diagnose, treat, prevent or predict any disease, and raises no alarm.",
    "It does not replace an examination, a sleep laboratory or a physician's advice.",
    "Do not start, stop or change a medicine because of its figures.",
)
# What a program for counting movements must not say of itself, in either language. A word of the
# list may stand where it is denied in the same sentence.
_CLAIMS = re.compile(
    r"\b(diagnos(es|tic|ed|e)\b|detects? (seizures?|epilepsy|plmd|rls|disease)"
    r"|treats?\b|cures?\b|prevents?\b|clinically (proven|validated)|medical[- ]grade"
    r"|diagnostica\b|cura(re)?\b la|previene\b|clinicamente (provato|validato))",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(not|no|never|nothing|without|against|neither|nor|cannot|non|né|mai|nessun[ao]?|senza"
    r"|contro)\b|n't\b",
    re.IGNORECASE,
)


def forbidden_in(text: str) -> list[str]:
    """Return the sentences of a text that claim more than the purpose; none should."""
    sentences = re.split(r"(?<=[.!?:;])\s+", " ".join(text.split()))
    return [one for one in sentences if _CLAIMS.search(one) and not _DENIED.search(one)]
