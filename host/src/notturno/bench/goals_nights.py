"""The goals that synthetic nights are measured by. Pure; see `goal`."""

from collections.abc import Callable
from typing import Any

from notturno.bench.goal import Goal, Row, able, alone, compared, of_nights, share
from notturno.bench.metrics import found_in
from notturno.bench.run import HELD_OUT, OURS, REFERENCE, TUNING

LEAST_JERKS = 5  # of a profile that is looked at alone
MOST_BELOW = 0.03


def rows(result: dict) -> list[Row]:
    """Return the rows of jerks, false alarms, cases and special nights."""
    return [
        *_whole(result),
        *_bands(result),
        *_false(result),
        *_cases(result),
        *_special(result),
    ]


def _whole(result: dict) -> list[Row]:
    asked = (
        ("jerks found", 0.96, lambda f: f["sensitivity"]["jerk"]),
        ("jerks' PPV", 0.95, lambda f: f["ppv"]["jerk"]),
        ("macro-F1 of four kinds", 0.92, lambda f: f["macro_f1"]),
    )
    out = [of_nights(result, Goal(what, least=least), get) for what, least, get in asked]
    tuning, held_out = (result["profiles"][group][OURS]["all"] for group in (TUNING, HELD_OUT))
    below = [(get(tuning) or 0) - (get(held_out) or 0) for _, _, get in asked]
    goal = Goal("held-out models below tuning models, worst of the three", most=MOST_BELOW)
    return [*out, alone(goal, max(below))]


def _bands(result: dict) -> list[Row]:
    strong = lambda f: found_in(f, "200+")  # noqa: E731
    out = [
        of_nights(result, Goal("jerks above 200 mg found, all profiles", least=0.99), strong),
        _worst(result),
    ]
    for band, least in (("60-200", None), ("20-60", 0.96), ("8-20", 0.9), ("4-8", 0.6)):
        goal = Goal(f"jerks of {band} mg found", least=least)
        out.append(of_nights(result, goal, lambda f, band=band: found_in(f, band)))
    return out


def _worst(result: dict) -> Row:
    """The profile in which the fewest of the strong jerks are found."""
    values = {}
    for group, systems in result["profiles"].items():
        values[group] = {}
        for name, by_profile in systems.items():
            known: list[Any] = [
                found_in(f, "200+")
                for profile, f in by_profile.items()
                if profile != "all" and f["bands"]["200+"][1] >= LEAST_JERKS
            ]
            values[group][name] = min(known, default=None)
    goal = Goal("jerks above 200 mg found, worst profile", least=0.99)
    return compared(goal, values[HELD_OUT], values[TUNING])


def _false(result: dict) -> list[Row]:
    def of(kind: str) -> Callable:
        return lambda f: f["false_per_h"][kind]

    asked = (
        ("false jerks, all profiles", 1.5, "all", "jerk"),
        ("false LM, all profiles", None, "all", "lm"),
        ("false jerks, partner", 6, "partner", "jerk"),
        ("false jerks, phone", 2, "phone", "jerk"),
        ("false LM, snore", 2, "snore", "lm"),
        ("false jerks, snore", None, "snore", "jerk"),
        ("false rhythms, pump", 0, "pump", "rhythm"),
    )
    return [
        of_nights(result, Goal(what, most=most, unit="/h", digits=2), of(kind), profile, kind)
        for what, most, profile, kind in asked
    ]


def _cases(result: dict) -> list[Row]:
    def right(name: str) -> tuple[int, int]:
        mine = [row for row in result["cases"] if row["system"] == name]
        return sum(row["right"] for row in mine), len(mine)

    good, whole = right(OURS)
    reference = "{} of {}".format(*right(REFERENCE))
    what = "dense movements and long rhythms: cases with all rows and kinds right"
    return [Row(what, "all", "-", f"{good} of {whole}", good == whole, "-", reference)]


def _special(result: dict) -> list[Row]:
    pulse = Goal("false jerks, pulse of 5 to 15 mg", most=10, unit="/h", digits=1)
    out = [
        of_nights(result, pulse, lambda f: f["false_per_h"]["jerk"], "pulse_strong", "jerk"),
        of_nights(
            result,
            Goal("LM F1, pulse of 5 to 15 mg", least=0.92),
            lambda f: f["f1"]["lm"],
            "pulse_strong",
        ),
    ]
    for kind in ("tone", "noise"):
        goal = Goal(f"jerks of 60 mg and more found while a {kind} is on", least=0.9)
        out.append(of_nights(result, goal, lambda f: share(f["switched"]), f"{kind}_on"))
    return [*out, *_slow(result["slow"]), _worn(result)]


def _slow(slow: dict[str, dict[str, dict]]) -> list[Row]:
    """Sensors of 25 Hz; a rule that finds too few there is not compared on its false ones."""
    few = [name for name, f in slow[HELD_OUT].items() if not able(f, "jerk")]
    asked = (
        (Goal("25 Hz: jerks found", least=0.85), (), lambda f: f["sensitivity"]["jerk"]),
        (
            Goal("25 Hz: false jerks", most=3, unit="/h", digits=2),
            few,
            lambda f: f["false_per_h"]["jerk"],
        ),
    )
    out = []
    for goal, skip, get in asked:
        values = {g: {name: get(f) for name, f in part.items()} for g, part in slow.items()}
        out.append(compared(goal, values[HELD_OUT], values[TUNING], skip))
    return out


def _worn(result: dict) -> Row:
    values = {
        group: {
            name: share([sum(pair[i] for pair in by_noise.values()) for i in (0, 1)])
            for name, by_noise in systems.items()
        }
        for group, systems in result["worn"].items()
    }
    goal = Goal("minutes rightly worn or not, sensors of 0.7 to 4 mg", least=0.99)
    return compared(goal, values[HELD_OUT], values[TUNING])
