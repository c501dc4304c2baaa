"""What made the nights' figures: one detector, one placement, one set of rules, or several?

Figures of different makers are not to be pooled or compared: a new detector that finds more would
look like a worse illness. Takes rows of the logbook's nights. Pure.
"""

from notturno import refusals
from notturno.errors import Phrase
from notturno.refusals import Refusal

# Column of a night -> what it is called in a sentence.
MADE_BY = {
    "detector_version": "detector",
    "settings_sha256": "settings",
    "person_side": "side",
    "limb": "limb",
    "rules_version": "rules",
}
SHOWN = 8  # signs of a hash
MOST_SPANS = 4  # more are counted, not named


def different_makers(rows: list[dict]) -> Refusal | None:
    """Return the Refusal that names which nights have which maker, or None where all have one."""
    rows = sorted(rows, key=lambda row: row["night"])
    differ = [key for key in MADE_BY if len({row[key] for row in rows}) > 1]
    if not differ:
        return None
    spans = _spans(rows, differ)
    said = [
        f"{_words(differ, made)} {first if first == last else f'{first} to {last}'}"
        for made, first, last in spans[:MOST_SPANS]
    ]
    if len(spans) > MOST_SPANS:
        said.append(Phrase("more changes: {n}", n=len(spans) - MOST_SPANS))
    return Refusal(
        "These nights were not made alike: {made}. Choose nights of one maker "
        "(--since, --until, or other phases).",
        refusals.DIFFERENT_MAKERS,
        made="; ".join(said),
    )


def _spans(rows: list[dict], keys: list[str]) -> list[tuple[tuple[int | str], str, str]]:
    """Return [(makers, first night, last night)] of nights on end with the same makers."""
    spans = []
    for row in rows:
        made = tuple(row[key] for key in keys)
        if spans and spans[-1][0] == made:
            spans[-1] = (made, spans[-1][1], row["night"])
        else:
            spans.append((made, row["night"], row["night"]))
    return spans


def _words(keys: list[str], made: tuple[int | str]) -> str:
    return ", ".join(
        f"{MADE_BY[key]} {'unknown' if value in (None, '') else str(value)[:SHOWN]}"
        for key, value in zip(keys, made, strict=True)
    )
