"""How far the detector was wrong on trial: read from the bench's last table, bench/RESULTS.md.

Touches that file alone, so that no figure of the bench stands in two places. All of it is from
synthetic limbs that the detector was not tuned on (held out), but for the sleeping wrist.
"""

import re
from functools import cache
from pathlib import Path

import notturno

RESULTS = Path(notturno.__file__).parent / "bench" / "RESULTS.md"
HELD_OUT = "## By profile (our detector; found / PPV for postures and rhythms): held-out models"
HEAD = re.compile(
    r"^detector (\d+), (\d{4}-\d\d-\d\d) .*? nights of (\d+(?:\.\d+)?) h,", re.MULTILINE
)
# Synthetic sleepers with periodic movements: the worst of them bounds what a real limb may do.
PERIODIC = ("plm", "plm_short", "plm_long", "pulse_strong", "mixed")
STILL = "table"
# Rows of the table of goals.
FOUND, RIGHT, ASLEEP = "jerks found", "jerks' PPV", "real sleeping wrist: jerks outside awake"


@cache
def figures(path: Path = RESULTS) -> dict:
    """Return the figures of the last bench.

    Keys: `detector_version`, `made_on`, `hours_a_night`; `jerks` and `lms` over all sleepers
    (`found`, `ppv`; `false_per_h` for jerks); `periodic` (the worst `found` and the worst `ppv` of
    the sleepers PERIODIC, with their names); `still` (`false_jerks_per_h` of a band on a table and
    `hours`); `asleep_jerks_per_h` (jerks counted on the one real sleeping wrist).
    Raises ValueError where the page has another form.
    """
    text = path.read_text(encoding="utf-8")
    head = HEAD.search(text)
    if head is None:
        raise ValueError(f"{path.name} has no line of what was measured.")
    rows = _table(text, HELD_OUT)
    every, still = rows["all"], rows[STILL]
    hours = float(head[3])
    return {
        "detector_version": int(head[1]),
        "made_on": head[2],
        "hours_a_night": hours,
        "jerks": {
            "found": _figure_of(text, FOUND),
            "ppv": _figure_of(text, RIGHT),
            "false_per_h": float(every["false/h"]),
        },
        "lms": {"found": float(every["found"]), "ppv": float(every["LM PPV"])},
        "periodic": {
            "found": min(float(rows[name]["found"]) for name in PERIODIC),
            "ppv": min(float(rows[name]["LM PPV"]) for name in PERIODIC),
        },
        "still": {"false_jerks_per_h": float(still["false/h"]), "hours": hours},
        "asleep_jerks_per_h": _figure_of(text, ASLEEP),
    }


def _table(text: str, heading: str) -> dict[str, dict[str, str]]:
    """Return {first cell: {column: cell}} of the table under a heading.

    The second column named PPV is that of the limb movements.
    """
    part = text.partition(heading + "\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    if len(lines) < 3:
        raise ValueError(f"There is no table under {heading}.")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    first = cells[0].index("PPV")
    names = ["LM PPV" if name == "PPV" and i > first else name for i, name in enumerate(cells[0])]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cells[2:]}


def _figure_of(text: str, what: str) -> float:
    """Return a goal's figure on the held-out models."""
    row = re.search(rf"^\| {re.escape(what)} \|[^|]*\|[^|]*\| ([\d.]+)", text, re.MULTILINE)
    if row is None:
        raise ValueError(f"There is no goal named {what}.")
    return float(row[1])
