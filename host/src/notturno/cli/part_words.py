"""How parts of a logbook are called when they are written, taken in or deleted. Pure."""

from notturno.words import counted

# {table, file or what else is counted: (one, many)}; others are told by their own names.
PARTS = {
    "log": ("log", "logs"),
    "logs": ("log", "logs"),
    "records": ("record", "records"),
    "events": ("event", "events"),
    "nights": ("night", "nights"),
    "bands": ("band", "bands"),
    "placements": ("place of a band", "places of bands"),
    "tags": ("tag of nights", "tags of nights"),
    "diary": ("diary entry", "diary entries"),
    "edits": ("correction", "corrections"),
    "labels": ("label of an event", "labels of events"),
    "stimuli": ("stimulus", "stimuli"),
    "strap_checks": ("strap check", "strap checks"),
    "imported_sleeps": ("sleep from elsewhere", "sleeps from elsewhere"),
    "lab_lists": ("laboratory's list", "laboratory's lists"),
    "lab_stages": ("laboratory's stage", "laboratory's stages"),
    "lab_events": ("laboratory's event", "laboratory's events"),
    "keys": ("key", "keys"),
    "files": ("file", "files"),
}


def parts_text(numbers: dict[str, int]) -> str:
    """Return how many of each there are, those of none left out; "" for nothing."""
    return ", ".join(part_text(name, number) for name, number in numbers.items() if number)


def part_text(name: str, number: int) -> str:
    """Return how many of one part there are."""
    if name not in PARTS:
        return f"{name} {number}"
    return counted(number, *PARTS[name])
