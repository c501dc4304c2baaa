"""The goals beside what was measured: all rows of the table. Pure; in: the result of bench.run."""

from notturno.bench import goals_cost, goals_nights, goals_real
from notturno.bench.goal import Row


def rows(result: dict) -> list[Row]:
    """Return the goals' rows in the order of the plan."""
    parts = (goals_nights, goals_real, goals_cost)
    return [row for part in parts for row in part.rows(result)]
