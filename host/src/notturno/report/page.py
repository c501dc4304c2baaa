"""A report's two pages as texts and places, made from its contents alone.

Takes the contents in JSON form and a language that is spoken; gives the dict that `page.typ` sets.
"""

from notturno.report import findings, first_page, pictures, second_page, trust
from notturno.words import _, language


def page(found: dict, digest: str, room: float) -> dict:
    """Return both pages.

    digest: SHA-256 of the contents; room: how much lists may take (0 to 1).
    """
    return {
        "lang": language(),
        "made_on": found["made_on"],
        "running_head": _("Not a diagnosis: figures of a motion sensor, for a physician to judge"),
        "page_word": _("page"),
        "attached": _("All figures of the report, as JSON"),
        **first_page.title(found),
        "tiles": first_page.tiles(found),
        "findings": findings.findings(found),
        "hours": pictures.hours_picture(found),
        "nights": pictures.nights_picture(found),
        "indices_title": _("Indices over the nights"),
        "indices": first_page.table(found),
        **_second(found, digest, room),
    }


def _second(found: dict, digest: str, room: float) -> dict[str, list[dict]]:
    """Return the sections of page 2: across both columns, and of each column."""
    known = found["knowledge"]
    wide, left = second_page.sections(found, room)
    return {
        "wide": wide,
        "left": [*left, trust.placement(found["placement"], known)],
        "right": [
            trust.errors(found),
            trust.method(),
            trust.limits(known),
        ],
        "foot": [
            *second_page.foot(found, room),
            trust.causes(known),
            trust.origin(found, digest),
        ],
    }
