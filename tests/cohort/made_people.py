"""Exports of made-up people, as `notturno export --format parquet` writes them. Simulated.

The rates of a person's nights are drawn around the person's own on the scale of logarithms, so
that the truth of between and within is known.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow
from notturno.files.columns import BOOL, INT, REAL, TABLES, TEXT
from pyarrow import parquet

FIRST = date(2026, 1, 5)
TYPES = {
    TEXT: pyarrow.string(),
    INT: pyarrow.int64(),
    REAL: pyarrow.float64(),
    BOOL: pyarrow.bool_(),
}
# People of variance 1 with longer tails than normal ones, on the scale of the level.
LONG_TAILS = {
    "student": lambda rng, n: rng.standard_t(5, n) * np.sqrt(3 / 5),
    "exponential": lambda rng, n: rng.exponential(1, n) - 1,
    "two_kinds": lambda rng, n: (np.where(rng.random(n) < 0.2, 1, 0) - 0.2) / 0.4,
    "gamma": lambda rng, n: rng.gamma(2, 1, n) / np.sqrt(2),
}
MAKER = {"detector_version": "4", "settings_sha256": "a" * 64, "rules_version": "night-3"}


def write(folder: Path, name: str, rows: list[dict]) -> None:
    """Write one table of an export; what a row does not name is empty."""
    fields = TABLES[name]
    schema = pyarrow.schema([(field.name, TYPES[field.type]) for field in fields])
    folder.mkdir(parents=True, exist_ok=True)
    whole = [dict.fromkeys(schema.names) | row for row in rows]
    parquet.write_table(pyarrow.Table.from_pylist(whole, schema), folder / f"{name}.parquet")


def night(day: int, device: str, jerks: int, hours: float = 7.0, **more) -> dict:
    """Return a row of a night: so many jerks, and half as many limb movements."""
    at = (FIRST + timedelta(days=day)).isoformat()
    start = 1_767_648_600_000 + day * 86_400_000
    return (
        {"night": at, "date": at, "device_id": device, "band": "her band", "person_side": "L"}
        | {"limb": "calf", "zone": "Europe/Rome", "start_utc_ms": start, "state": "complete"}
        | {"countable_h": hours, "recorded_h": hours, "asleep_h": hours, "simulated": False}
        | {"jerks": jerks, "jerks_per_h": jerks / hours, "lms": jerks // 2}
        | {"lms_per_h": jerks // 2 / hours, "warnings": '["her own note"]'}
        | MAKER
        | more
    )


def events(rows: list[dict]) -> list[dict]:
    """Return as many events as the rows of nights count, and one a night that does not count."""
    found = []
    for row in rows:
        of = {key: row[key] for key in ("night", "device_id")}
        found += [of | {"kind": "jerk", "counts": True}] * (row["jerks"] or 0)
        found += [of | {"kind": "lm", "counts": True}] * (row["lms"] or 0)
        found.append(of | {"kind": "jerk", "counts": False, "left_out": "small"})
    return found


def hours(rows: list[dict]) -> list[dict]:
    """Return three hours a night, from 23 to 25, with 1, 2 and 3 jerks an hour and a bit."""
    return [
        {key: row[key] for key in ("night", "device_id")}
        | {"kind": "jerk", "hour": 23 + i, "events": 1 + i, "countable_h": 1.0, "whole": True}
        | {"per_countable_h": 1.0 + i + row["jerks"] / 1000}
        for row in rows
        for i in range(3)
    ]


def person(folder: Path, rows: list[dict], tags=(), both=()) -> Path:
    """Write a person's export."""
    write(folder, "nights", rows)
    write(folder, "person_nights", list(both))
    write(folder, "events", events(rows))
    write(folder, "hours", hours(rows))
    write(folder, "tags", list(tags))
    return folder


def cohort(
    folder: Path,
    people=12,
    nights=20,
    between=0.5,
    within=0.4,
    seed=1,
    right=None,
    tags=True,
    name="anna",
) -> Path:
    """Write the exports of people, each in a folder of its name; nights after the tenth a tenth
    as restless again where there are tags. right: how much more the right leg does, as a factor.
    """
    rng = np.random.default_rng(seed)
    for number in range(people):
        own = np.log(8) + rng.normal(0, np.sqrt(between))
        rows = []
        for day in range(nights):
            rate = np.exp(own + rng.normal(0, np.sqrt(within)) + (0.1 if day >= 10 else 0))
            rows.append(night(day, f"dev0{name}{number:03d}L", round(rate * 7)))
            if right is not None:
                more = {"person_side": "R"}
                jerks = round(rate * right * np.exp(rng.normal(0, 0.1)) * 7)
                rows.append(night(day, f"dev0{name}{number:03d}R", jerks, **more))
        spans = [
            {"name": "before", "first_night": FIRST.isoformat()}
            | {"last_night": (FIRST + timedelta(days=9)).isoformat()},
            {"name": "pill", "first_night": (FIRST + timedelta(days=10)).isoformat()},
        ]
        person(folder / f"{name}{number:03d}", rows, spans if tags else ())
    return folder
