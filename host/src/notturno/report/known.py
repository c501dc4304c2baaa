"""What is known of causes and limits, as a report quotes it: from `knowledge`. Pure data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno import knowledge

if TYPE_CHECKING:
    from notturno.knowledge.texts import Section

# Sections of knowledge.SECTIONS, and how many of their statements stand on a page for a doctor.
LIMITS, PLACE = (("blind", 2), ("lab", 2)), ("place", 2)
# Given for jerks, periodic movements or restless legs: names that may stay in an anonymous report
# beside those that knowledge offers.
TREATMENTS = (
    *("clonazepam", "levetiracetam", "piracetam", "valproate", "primidone", "zonisamide"),
    *("pramipexole", "ropinirole", "rotigotine", "levodopa", "gabapentin", "pregabalin"),
    *("gabapentin enacarbil", "iron", "magnesium", "melatonin", "oxycodone", "methadone"),
)


def contents() -> dict:
    """Return `purpose`, `not_for`, `limits`, `place`, `exposures` and `sources` for a report.

    Rows of one group, effect and source are one exposure with several `names`.
    """
    rows: dict[tuple[str, str, str], list[str]] = {}
    for one in knowledge.EXPOSURES:
        rows.setdefault((one.group, one.effect, one.source), []).append(one.name)
    sections = {section.code: section for section in knowledge.SECTIONS}
    return {
        "purpose": knowledge.PURPOSE,
        "not_for": list(knowledge.NOT_FOR),
        "limits": [text for code, most in LIMITS for text in _texts(sections[code], most)],
        "place": _texts(sections[PLACE[0]], PLACE[1]),
        "exposures": [
            {"group": group, "names": names, "effect": effect, "source": source}
            for (group, effect, source), names in rows.items()
        ],
        "sources": dict(knowledge.SOURCES),
    }


def _texts(section: Section, most: int) -> list[str]:
    return [statement.text for statement in section.statements[:most]]


def names() -> frozenset[str]:
    """Return the names of medicines and exposures, in lower case, that tell of no person."""
    found = set(TREATMENTS)
    for one in knowledge.EXPOSURES:
        found |= {one.code, one.name.lower()}
        for part in one.name.lower().replace("(", ",").replace(")", ",").split(","):
            found.add(part.strip())
    return frozenset(found - {""})
