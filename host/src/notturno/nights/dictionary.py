"""The data dictionary: the columns of a night as a page of Markdown, made from their one list.

`python -m notturno.nights.dictionary` prints it; a test holds the copy beside this file equal.
"""

from notturno.nights.columns import AS_RATE, COLUMNS, MEASURES, SCHEMA
from notturno.nights.counts import WORDS

TITLES = (
    ("who", "Who and when"),
    ("state", "May it be believed"),
    ("hours", "Hours"),
    ("count", "Counts"),
    ("left_out", "What does not count, by reason"),
    ("rate", "Rates"),
    ("value", "Values"),
    ("made", "What made it"),
)


def page() -> str:
    """Return the data dictionary as Markdown."""
    lines = [
        "# The columns of a night",
        "",
        f"Schema `{SCHEMA}`. `notturno nights --json` prints",
        "`{schema, nights: [row], person_nights: [row], note}`: one row a night and band, and one",
        "a night of a person with a band on each side. `show --json` (`summary`), `chart --json`",
        "(`summary`) and `stats --night --json` (`bands[].columns`) print the same rows. A figure",
        "that cannot be given is `null`; its reason stands under `refusals` by its key, that of",
        'the whole night under `refusal`, as `{"refused": "reason", "code": "name"}`.',
        "This page is made from `columns.py`: `python -m notturno.nights.dictionary`.",
    ]
    for kind, title in TITLES:
        lines += ["", f"## {title}", "", "| key | unit | meaning |", "|---|---|---|"]
        for column in COLUMNS:
            if column.kind == kind:
                of = f" (`{column.events}` / `{column.hours}`)" if column.hours else ""
                unit = column.unit or "-"
                lines.append(f"| `{column.key}` | {unit} | {column.words}: {column.meaning}{of} |")
    lines += ["", "## Why something is not counted", "", "| reason | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {words} |" for name, words in WORDS.items()]
    rates = ", ".join(f"`{count}`" for count in AS_RATE)
    lines += [
        "",
        "## Measures",
        "",
        f"`--measure` takes any of: {', '.join(f'`{key}`' for key in MEASURES)}.",
        "",
        f"Over many nights a bare count is read as its rate: {rates}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
