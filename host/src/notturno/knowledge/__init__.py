"""What a jerk in sleep is, what can cause or worsen it, when to see a doctor; what this is for.

Texts for people, in English; they are the catalogue's keys, so that every surface says them in
its language and none says them otherwise. Each statement names its source. Pure data.
"""

from notturno.knowledge.exposures import EXPOSURES, GROUPS, SOURCES, Exposure, offered
from notturno.knowledge.purpose import NOT_FOR, PURPOSE, SHORT, forbidden_in
from notturno.knowledge.texts import SECTIONS, Section, Statement

__all__ = [
    "EXPOSURES",
    "GROUPS",
    "NOT_FOR",
    "PURPOSE",
    "SECTIONS",
    "SHORT",
    "SOURCES",
    "Exposure",
    "Section",
    "Statement",
    "forbidden_in",
    "offered",
    "strings",
]


def strings() -> list[str]:
    """Return every text for people of this room, each once: what a catalogue has to know."""
    found = [SHORT, PURPOSE, *NOT_FOR]
    for section in SECTIONS:
        found.append(section.title)
        found += [statement.text for statement in section.statements]
    for one in EXPOSURES:
        found += [one.group, one.name, one.effect]
    return list(dict.fromkeys(found))
