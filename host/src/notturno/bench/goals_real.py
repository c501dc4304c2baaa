"""The goals that real recordings are measured by. Pure; see `goal`."""

from collections.abc import Iterable

from notturno.bench.goal import Goal, Row, able, compared
from notturno.bench.metrics import found_in, ratio
from notturno.bench.real import ROWS
from notturno.bench.run import HELD_OUT
from notturno.recordings import ASLEEP


def rows(result: dict) -> list[Row]:
    """Return the rows of jerks mixed into rest and of the sleeping wrist."""
    nights = result["profiles"][HELD_OUT]
    skip = [name for name, by_profile in nights.items() if not able(by_profile["all"], "jerk")]
    return [*_mixed(result), *_asleep(result, skip)]


def _mixed(result: dict) -> list[Row]:
    out = []
    for where, least, said in (
        ("awake", 0.6, "found, mixed into awake wrists' rest"),
        ("asleep", None, "found, mixed into asleep wrists' rest"),
        (ROWS, None, "that have a row, counted or not, in awake wrists' rest"),
    ):
        values = {
            name: found_in(f, "60-200", "200+") for name, f in result["mixed"][where].items()
        }
        out.append(compared(Goal(f"jerks of 60 mg and more {said}", least=least), values))
    return out


def _asleep(result: dict, skip: list[str]) -> list[Row]:
    mine = {row["system"]: row for row in result["refused"] if row["recording"] == ASLEEP.stem}
    rates, shares = {}, {}
    for name, row in mine.items():
        asleep_h = row["asleep_h"]
        rates[name] = ratio(row["asleep_jerks"], asleep_h - row["asleep_awake_h"])
        shares[name] = row["asleep_awake_h"] / asleep_h
    never = [name for name in mine if not any(_calls_awake(result, name))]
    return [
        compared(
            Goal("real sleeping wrist: jerks outside awake", most=1, unit="/h", digits=2),
            rates,
            skip=skip,
        ),
        compared(
            Goal("real sleeping wrist: share called awake after falling asleep", most=0.15),
            shares,
            skip=never,
        ),
    ]


def _calls_awake(result: dict, name: str) -> Iterable:
    return (row["awake_h"] > 0 for row in result["refused"] if row["system"] == name)
