"""Where every line of a report's two pictures lies, in parts (0 to 1) of the picture's field.

Takes the contents; computes places, never figures. x runs to the right, y downward. The page's
template draws what stands here and knows nothing of nights.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from notturno.report.figures_said import DAY, day, is_refused, number

BANDS = (("outer", "p10", "p90"), ("inner", "p25", "p75"))
MOST_HOURS = 16
DATES = 5  # below the nights, at most


def hours(found: dict) -> dict:
    """Return the percentiles of the hours: `ticks`, `labels`, `bands`, `lines`; {} for none."""
    rows = [row for row in found["hours"] if not is_refused(row["p50"])][:MOST_HOURS]
    if not rows:
        return {}
    axis = found["axis"]
    first, count = rows[0]["hour"], rows[-1]["hour"] - rows[0]["hour"] + 1

    def at(row: dict[str, float], key: str) -> list[float]:
        return [_part(row["hour"] - first + 0.5, count), _height(row[key], axis)]

    bands, lines = [], []
    for run in _runs(rows):
        for name, low, high in BANDS:
            if len(run) > 1:
                outline = [at(row, high) for row in run] + [at(row, low) for row in run[::-1]]
                bands.append({"kind": name, "points": outline})
            else:
                bands.append({"kind": name, "points": _column(at, run[0], low, high, count)})
        lines.append([at(row, "p50") for row in run])
    return {
        "ticks": _ticks(axis),
        "labels": [
            {
                "x": _part(row["hour"] - first + 0.5, count),
                "text": number(row["clock"], 0),
                "below": f"({number(row['nights'], 0)})",
            }
            for row in rows
        ],
        "bands": bands,
        "lines": lines,
    }


def _column(at, row: dict[str, float], low: float | str, high: float | str, count):
    """Return the outline of an hour that stands alone."""
    x, top = at(row, high)
    bottom, half = at(row, low)[1], 0.3 / count
    return [[x - half, top], [x + half, top], [x + half, bottom], [x - half, bottom]]


def _runs(rows: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    """Return the rows in runs of hours that follow one another."""
    runs = [[rows[0]]]
    for row in rows[1:]:
        if row["hour"] == runs[-1][-1]["hour"] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def nights(found: dict, phases: dict, typical: dict | float) -> dict:
    """Return the rates of the nights: `ticks`, `labels`, `dots`, `refused`, `phases`; {} for none.

    typical: of all nights, drawn where there is no phase. A night without a date has no place on
    the axis and is told of in words alone.
    """
    dated = [row for row in found["nights"] if row["date"]]
    if not dated:
        return {}
    key, axis = found["measure"], found["axis"]
    first, last = _ordinal(dated[0]["date"]), _ordinal(dated[-1]["date"])

    def x_of(iso: str, offset: float = 0.5) -> float:
        return _part(_ordinal(iso) - first + offset, last - first + 1)

    dots, refused = [], []
    for row in dated:
        x = x_of(row["date"])
        if row["refusal"] is not None or is_refused(row[key]):
            refused.append(x)
            continue
        ends = [_height(row[f"{key}_{end}"], axis) for end in ("low", "high")]
        dots.append({"x": x, "y": _height(row[key], axis), "low": ends[0], "high": ends[1]})
    return {
        "ticks": _ticks(axis),
        "labels": _dates(dated, x_of),
        "dots": dots,
        "refused": refused,
        "phases": _phases(phases["groups"], key, axis, x_of) or _one_level(typical, axis),
    }


def _phases(groups: list[dict], key: str, axis: list[float], x_of: Callable) -> list[dict]:
    """Return where the phases lie, with the height of each one's typical rate (None: refused)."""
    found = []
    for group in groups:
        if group["first_night"] is None:
            continue
        x, level = x_of(group["first_night"], 0), group["measures"][key]["typical"]
        found.append(
            {
                "x": x,
                "width": round(x_of(group["last_night"], 1) - x, 4),
                "name": group["name"],
                "y": None if is_refused(level) else _height(level, axis),
            }
        )
    return found


def _one_level(typical: Any, axis: list[float]) -> list[dict]:
    if is_refused(typical):
        return []
    return [{"x": 0, "width": 1, "name": "", "y": _height(typical, axis)}]


def _dates(dated: list[dict], x_of: Callable) -> list[dict]:
    """Return the labels of at most DATES nights, evenly from the first to the last."""
    count = min(DATES, len(dated))
    picked = [dated[round(i * (len(dated) - 1) / max(count - 1, 1))] for i in range(count)]
    return [{"x": x_of(row["date"]), "text": day(row["date"]), "below": ""} for row in picked]


def _ordinal(text: str) -> int:
    if text.startswith(DAY):
        return int(text.removeprefix(DAY))
    return date.fromisoformat(text).toordinal()


def _ticks(axis: list[float]) -> list[dict]:
    digits = 0 if all(value == int(value) for value in axis) else 1
    return [{"y": _height(value, axis), "text": number(value, digits)} for value in axis]


def _height(value: Any, axis: list[float]) -> float:
    return round(1 - min(value, axis[-1]) / axis[-1], 4)


def _part(place: float, whole: int) -> float:
    return round(place / whole, 4)
