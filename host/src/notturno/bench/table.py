"""Shows a bench: Markdown to keep, and a table on the terminal.

Pure but for rich, which prints. In: the result of bench.run.
"""

from notturno.bench.goals import rows
from notturno.bench.run import OURS


def _mark(value):
    return "-" if value is None else "yes" if value else "**no**"


def _met(row):
    return "-" if row.goal == "(none)" else _mark(row.met)


def markdown(result) -> str:
    """Return the goals' table, the profiles' table and the confusion table as Markdown."""
    lines = [
        "| what | goal | measured | met | best baseline | ahead |",
        "|---|---|---|---|---|---|",
    ]
    for r in rows(result):
        ahead = r.ahead.replace("no", "**no**")
        cells = (r.what, r.goal, r.measured, _met(r), r.best, ahead)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *_profiles(result), "", *_confusion(result)])


def _profiles(result):
    heads = ("profile", "jerks", ">= 20 mg", "8-20 mg", "PPV", "false/h", "LM", "found", "PPV")
    heads += ("posture", "rhythm")
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for profile, f in result["synthetic"][OURS].items():
        cells = (
            profile,
            str(f["truths"]["jerk"]),
            _part(f["band_sensitivity"]["20+"]),
            _part(f["band_sensitivity"]["8-20"]),
            _part(f["ppv"]["jerk"]),
            f"{f['false_per_h']['jerk']:.2f}",
            str(f["truths"]["lm"]),
            _part(f["sensitivity"]["lm"]),
            _part(f["ppv"]["lm"]),
            f"{_part(f['sensitivity']['posture'])} / {_part(f['ppv']['posture'])}",
            f"{_part(f['sensitivity']['rhythm'])} / {_part(f['ppv']['rhythm'])}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _part(value):
    return "-" if value is None else f"{value:.3f}"


def _confusion(result):
    table = result["synthetic"][OURS]["all"]["confusion"]
    columns = ("jerk", "lm", "posture", "rhythm", "missed")
    lines = ["| truth \\ found | " + " | ".join(columns) + " |", "|---" * 6 + "|"]
    for row in ("jerk", "lm", "posture", "rhythm", "false"):
        counts = (table.get(row, {}).get(column, 0) for column in columns)
        lines.append(f"| {row} | " + " | ".join(map(str, counts)) + " |")
    return lines


def show(result) -> None:
    """Print the goals' table on the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=heading(result))
    for name in ("what", "goal", "measured", "met", "best baseline", "ahead"):
        table.add_column(name)
    for r in rows(result):
        table.add_row(r.what, r.goal, r.measured, _met(r).strip("*"), r.best, r.ahead)
    Console().print(table)


def heading(result) -> str:
    """Return one line: what was run, on what, when."""
    seeds = result["seeds"]
    return (
        f"detector {result['versions']['detector']}, {result['when']}: synthetic nights of "
        f"{result['hours']:g} h, seeds {seeds[0]} to {seeds[-1]}, and awake recordings"
    )
