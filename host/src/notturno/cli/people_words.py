"""Words that the commands for what people say have in common. Touches nothing."""

from notturno.words import _, age_text, figure

SIDES = {"L": "left", "R": "right"}


def ago_text(age_s: float | None) -> str:
    """Return how long ago something was; a dash for None."""
    return "-" if age_s is None else _("{age_text} ago").format(age_text=age_text(age_s))


def amount_text(entry: dict) -> str:
    """Return the amount of a diary entry with its unit; "" where it has none."""
    if entry["amount"] is None:
        return entry["unit"]
    return f"{figure('{:g}', entry['amount'])} {entry['unit']}".strip()


def place_text(limb: str, side: str) -> str:
    """Return where a band is worn; a dash where nobody said it."""
    return ", ".join(_(part) for part in (limb, SIDES.get(side, "")) if part) or "-"
