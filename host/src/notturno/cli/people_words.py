"""Words that the commands for what people say have in common. Touches nothing."""


def many(n: int, one: str, more: str | None = None) -> str:
    """Return a number with its word, singular or plural."""
    return f"{n} {one if n == 1 else more or one + 's'}"


def age_text(age_s: float | None) -> str:
    """Return how long ago something was, in the largest unit that fits; a dash for None."""
    if age_s is None:
        return "-"
    for unit_s, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if age_s >= unit_s:
            return f"{many(int(age_s // unit_s), word)} ago"
    return "now"


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
