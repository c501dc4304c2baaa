"""What the diary holds over a span of nights, one row a thing: how often, how much, last when.

Takes entries of the logbook (`what`, `night`, `amount`, `unit`); gives plain rows. Pure.
"""


def by_what(entries: list[dict]) -> list[dict]:
    """Return `what`, `unit`, `entries`, `nights`, `least`, `most`, `first_night`, `last_night`.

    Things of one name and unit are one row, the most nights first. least, most: of the amounts
    that were given, None where none was.
    """
    groups: dict[tuple[str, str], list[dict]] = {}
    for entry in entries:
        groups.setdefault((entry["what"], entry["unit"]), []).append(entry)
    rows = []
    for (what, unit), of_it in groups.items():
        amounts = [entry["amount"] for entry in of_it if entry["amount"] is not None]
        nights = sorted({entry["night"] for entry in of_it})
        rows.append(
            {
                "what": what,
                "unit": unit,
                "entries": len(of_it),
                "nights": len(nights),
                "least": min(amounts, default=None),
                "most": max(amounts, default=None),
                "first_night": nights[0],
                "last_night": nights[-1],
            }
        )
    return sorted(rows, key=lambda row: (-row["nights"], row["what"], row["unit"]))


def as_values(entries: list[dict]) -> list[dict]:
    """Return the entries as `diary.associations` wants them; one without an amount counts 1."""
    return [
        {
            "night": entry["night"],
            "name": entry["what"],
            "value": 1 if entry["amount"] is None else entry["amount"],
        }
        for entry in entries
    ]
