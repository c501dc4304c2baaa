"""Random nights as long tables, and the same nights as the plain scorer takes them."""

import random

import pyarrow
from pyarrow import parquet

LABELS = ("W", "N1", "N2", "N3", "R", "Sleep stage 2", "3", "?")
STEPS_S = (8, 9.5, 10, 12, 20, 20, 25, 25, 30, 60, 90, 90.001, 300)
LASTING_S = (0.3, 0.5, 0.7, 1.5, 2, 3, 8, 10, 10.001, 12)


def random_nights(n, seed=1, persons=3, hypnograms=True):
    """Return [(person, night, movements, stages)]: seconds, some nights strange on purpose."""
    rng = random.Random(seed)
    nights = []
    for number in range(n):
        at, rows = rng.uniform(0, 50), []
        for _ in range(rng.randint(0, 60)):
            at = round(at + rng.choice(STEPS_S), 3)
            for _ in range(rng.choice((1, 1, 1, 2))):
                near = round(at + rng.choice((0, 0.2, 0.4, 2)), 3)
                rows.append((near, rng.choice(LASTING_S), rng.choice(("L", "R", "L", "R", ""))))
        kind = rng.choice(("epochs", "epochs", "epochs", "uneven", "four", "odd", "none"))
        step = rng.choice((30.0, 20.0, 30.0))
        labels = rng.choice((LABELS[:5], LABELS))
        stages, name = [], "W"
        for i in range(rng.randint(1, 120)):
            name = rng.choice(labels) if rng.random() < 0.2 else name
            stages.append((i * step, name))
        if kind == "uneven":
            stages = stages[::3] + [(stages[-1][0] + 7, "N2")]
        elif kind == "four":
            stages[-1] = (stages[-1][0], "4")
        elif kind == "odd":
            stages[len(stages) // 2] = (stages[len(stages) // 2][0], "Sleep stage A")
        if kind == "none" or not hypnograms:
            stages = []
        nights.append((f"p{number % persons}", f"n{number:04d}", rows, stages))
    return nights


def tables_of(nights):
    """Return (movements, stages) as pyarrow tables."""
    movements = [(p, n, *row) for p, n, rows, _ in nights for row in rows]
    stages = [(p, n, *row) for p, n, _, rows in nights for row in rows]
    names = ("person", "night", "onset_s", "duration_s", "side")
    return (
        pyarrow.table({name: [row[i] for row in movements] for i, name in enumerate(names)}),
        pyarrow.table(
            {
                name: [row[i] for row in stages]
                for i, name in enumerate(("person", "night", "onset_s", "stage"))
            }
        ),
    )


def write(nights, folder, rows_a_group=1000, shuffled=None):
    """Write movements.parquet and stages.parquet; shuffled: a seed by which the rows are mixed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in zip(("movements", "stages"), tables_of(nights), strict=True):
        if shuffled is not None:
            order = list(range(len(table)))
            random.Random(shuffled).shuffle(order)
            table = table.take(order)
        parquet.write_table(table, folder / f"{name}.parquet", row_group_size=rows_a_group)
