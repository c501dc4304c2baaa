"""Shows a bench: a report in Markdown to keep, and a table on the terminal.

Pure but for rich, which prints. In: the result of bench.run.
"""

from notturno.bench.goals import rows
from notturno.bench.run import OURS

SHOWS = """\
**What this shows.** How the detector does on limbs of this project's own model, on seeds held
out from its tuning, beside rules with published parameters on the same nights; and how often it
counts jerks on real people who were awake. **What it does not show.** Sensitivity for real sleep
myoclonus: no recording with labelled sleep myoclonus exists in the open. The model and the
detector come from one project, so its nights are kinder than life; none of the baselines was
made for jerks. Instructions are counted in an emulator, not on a chip; they are not cycles. A
baseline is compared on its false alarms and its errors only if it finds half of the events, for
what finds nothing is never false. The threshold on jerk has no published value: it is the best
on tuning seeds."""
AWAKE = """\
All of these people were awake, or a hand moved the sensor. The detector calls nearly all of it
`awake` and counts nothing there, so the few jerks show silence more than insight, and the
minutes outside are too few to give a rate. That silence has a price, which the row `mixed into
real rest` measures: jerks put into the rest of awake wrists (minutes of it, joined and
repeated), which trembles by up to 20 mg itself and where a jerk counted without one put in may
well be real."""


def _mark(value):
    return "-" if value is None else "yes" if value else "**no**"


def _met(row):
    return "-" if row.goal == "(none)" else _mark(row.met)


def report(result) -> str:
    """Return the whole report, with what it shows and does not show, as Markdown."""
    parts = [
        f"# How good the detector is\n\n{heading(result)}. Versions: {_versions(result)}.",
        SHOWS,
        "## Goals\n\n" + _goals(result),
        "## By profile (our detector; found / PPV for postures and rhythms)\n\n"
        + _profiles(result),
        "## What was taken for what (our detector, all profiles)\n\n" + _confusion(result),
        "## All rules on the same synthetic nights, all profiles\n\n" + _systems(result),
        "## Awake recordings\n\n" + AWAKE + "\n\n" + _awake(result),
    ]
    return "\n\n".join(parts) + "\n"


def _versions(result):
    return ", ".join(f"{name} {version}" for name, version in result["versions"].items())


def _grid(heads, body):
    lines = [heads, ["---"] * len(heads), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _goals(result):
    heads = ("what", "goal", "measured", "met", "best baseline", "ahead")
    return _grid(
        heads,
        [
            (r.what, r.goal, r.measured, _met(r), r.best, r.ahead.replace("no", "**no**"))
            for r in rows(result)
        ],
    )


def _profiles(result):
    heads = ("profile", "jerks", ">= 20 mg", "8-20 mg", "PPV", "false/h", "LM", "found", "PPV")
    heads += ("posture", "rhythm", "called awake")
    return _grid(
        heads,
        [
            (
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
                f"{100 * f['awake_h'] / f['hours']:.1f} %",
            )
            for profile, f in result["synthetic"][OURS].items()
        ],
    )


def _systems(result):
    heads = ("rule", "jerk F1", "LM F1", "posture F1", "rhythm F1", "macro-F1", "false jerks/h")
    body = []
    for name, by_profile in result["synthetic"].items():
        f = by_profile["all"]
        f1 = [_part(f["f1"][kind]) for kind in ("jerk", "lm", "posture", "rhythm")]
        body.append((name, *f1, _part(f["macro_f1"]), f"{f['false_per_h']['jerk']:.2f}"))
    return _grid(heads, body)


def _awake(result):
    heads = ("recording", "minutes", "outside `awake`", "jerks outside")
    return _grid(
        heads,
        [
            (
                row["recording"],
                f"{60 * row['hours']:.1f}",
                f"{60 * row['outside_h']:.1f}",
                str(row["jerks"]),
            )
            for row in result["awake"]
            if row["system"] == OURS
        ],
    )


def _part(value):
    return "-" if value is None else f"{value:.3f}"


def _confusion(result):
    table = result["synthetic"][OURS]["all"]["confusion"]
    columns = ("jerk", "lm", "posture", "rhythm", "missed")
    return _grid(
        ("truth \\ found", *columns),
        [
            (row, *(str(table.get(row, {}).get(column, 0)) for column in columns))
            for row in ("jerk", "lm", "posture", "rhythm", "false")
        ],
    )


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
