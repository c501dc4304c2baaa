"""Shows a bench: a report in Markdown to keep, and a table on the terminal.

Pure but for rich, which prints. In: the result of bench.run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.bench import sections
from notturno.bench.goals import rows
from notturno.bench.run import HELD_OUT, TUNING

if TYPE_CHECKING:
    from notturno.bench.goal import Row

SHOWS = """\
**What this shows.** How the detector does on limbs of this project's own models: on those its
constants were chosen by (*tuning*), and on others, with other parameters and other seeds (*held
out*); beside rules with published parameters, and beside a *reference* that no band could run
(floating point, zero-phase filters, the whole night at hand; tuned on the tuning models alone).
And what it does with real recordings. Counted is what a night counts: nothing in a span that is
called not worn or awake. **What it does not show.** Sensitivity for real sleep
myoclonus: no recording with labelled sleep myoclonus exists in the open. The models and the
detector come from one project, so its nights are kinder than life; none of the baselines was made
for jerks. Instructions are counted in an emulator, not on a chip; they are not cycles. Best
baseline and reference are those of the held-out models, and a goal is met there or not at all. A
baseline is compared on its false alarms only if it finds half of the events, for what finds
nothing is never false. The threshold on jerk has no published value: it is the best on tuning
seeds of the first model."""
REAL = """\
But for one, these people were awake, or a hand moved the sensor, and nobody labelled what they
did: a jerk counted may well be one. What is called awake or not worn is refused, and the row
`mixed into awake wrists' rest` measures what that costs; the one after the sleeping wrists' tells
how many are seen all the same, and stand in a row with a flag. The sleeping wrist's logger holds
stillness flat, so that 0.75 mg rms of noise were added; small movements are missing in it."""
HEADS = ("what", "goal", "tuning", "held out", "met", "best baseline", "reference")


def _cells(row: Row) -> tuple[str, ...]:
    met = "-" if row.met is None else "yes" if row.met else "no"
    return (row.what, row.goal, row.tuning, row.held_out, met, row.best, row.reference)


def report(result: dict) -> str:
    """Return the whole report, with what it shows and does not show, as Markdown."""
    goals = [
        tuple("**no**" if cell == "no" else cell for cell in _cells(row)) for row in rows(result)
    ]
    profiles = "By profile (our detector; found / PPV for postures and rhythms)"
    parts = (
        ("How good the detector is", f"{heading(result)}. Versions: {_versions(result)}."),
        (None, SHOWS),
        ("Goals", sections.grid(HEADS, goals)),
        (f"{profiles}: held-out models", sections.profiles(result, HELD_OUT)),
        (f"{profiles}: tuning models", sections.profiles(result, TUNING)),
        ("Counted and left out (our detector, held-out models)", sections.left_out(result)),
        ("What was taken for what (our detector, held-out models)", sections.confusion(result)),
        ("Where false ones came from (our detector, held-out models)", sections.sources(result)),
        ("All rules on the same nights (held-out models)", sections.systems(result)),
        ("Cases", sections.cases(result)),
        ("Minutes rightly worn or not worn (held-out models)", sections.worn(result)),
        ("Real recordings", REAL + "\n\n" + sections.refused(result)),
        ("Instructions a sample", sections.instructions(result)),
    )
    return "\n\n".join(_section(k, title, text) for k, (title, text) in enumerate(parts)) + "\n"


def _section(number: int, title: str | None, text: str) -> str:
    if title is None:
        return text
    return f"{'##' if number else '#'} {title}\n\n{text}"


def _versions(result: dict) -> str:
    return ", ".join(f"{name} {version}" for name, version in result["versions"].items())


def show(result: dict) -> None:
    """Print the goals' table on the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=heading(result))
    for name in HEADS:
        table.add_column(name)
    for row in rows(result):
        table.add_row(*_cells(row))
    Console().print(table)


def heading(result: dict) -> str:
    """Return one line: what was run, on what, when."""
    seeds = " and ".join(
        f"{numbers[0]} to {numbers[-1]} ({group})" for group, numbers in result["seeds"].items()
    )
    return (
        f"detector {result['versions']['detector']}, {result['when']}: synthetic nights of "
        f"{result['hours']:g} h, seeds {seeds}, and real recordings"
    )
