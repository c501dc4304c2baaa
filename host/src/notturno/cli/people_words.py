"""Words that the commands for what people say have in common. Touches nothing."""

from notturno.words import age_text


def ago_text(age_s: float | None) -> str:
    """Return how long ago something was; a dash for None."""
    return "-" if age_s is None else f"{age_text(age_s)} ago"


def amount_text(entry: dict) -> str:
    """Return the amount of a diary entry with its unit; "" where it has none."""
    if entry["amount"] is None:
        return entry["unit"]
    return f"{entry['amount']:g} {entry['unit']}".strip()


def place_text(limb: str, side: str) -> str:
    """Return where a band is worn; a dash where nobody said it."""
    return (
        ", ".join(part for part in (limb, {"L": "left", "R": "right"}.get(side, "")) if part)
        or "-"
    )
