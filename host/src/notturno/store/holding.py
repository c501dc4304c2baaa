"""What the store holds of a log and what it lacks: a set of numbers, with holes.

Touches one database connection. Numbers are those of the records; ranges hold both their ends.
"""

import sqlite3
from collections.abc import Iterable

from notturno.times import HOUR_MS

# A number that the band did not have is asked for again after an hour, then after four times as
# long each time: a passing read error goes by, a dead cell of its flash does not come back.
ASK_AGAIN_MS, LONGER, LONGEST_MS = HOUR_MS, 4, 30 * 24 * HOUR_MS
MOST_RANGES = 64  # each costs a question; what lies between two near ones comes along

Range = tuple[int, int]


def missing(
    db: sqlite3.Connection,
    log_key: int | None,
    first_seq: int,
    next_seq: int,
    again: bool,
    now_ms: int,
) -> list[Range]:
    """Return the ranges to ask a band for that holds first_seq to next_seq - 1, ascending.

    Those whose records are not stored here; without those that the band did not have lately and
    those that were forgotten for good. again: all of them. At most MOST_RANGES, by taking the
    stored ones between near ranges along.
    """
    if next_seq <= first_seq:
        return []
    whole = [(first_seq, next_seq - 1)]
    if again or log_key is None:
        return whole
    stored = db.execute(
        "select seq from records where log_key = ? and seq between ? and ? order by seq",
        (log_key, first_seq, next_seq - 1),
    )
    lacking = _without(whole, _runs(row[0] for row in stored))
    lately = [
        (row["first_seq"], row["last_seq"])
        for row in db.execute(
            "select * from absent where log_key = ? and last_seq >= ? and first_seq < ?"
            " order by first_seq, last_seq",
            (log_key, first_seq, next_seq),
        )
        # Seen in time to come: this clock was ahead then, and nothing is known of how long ago.
        if 0 <= now_ms - row["seen_utc_ms"] < _pause_ms(row["times"])
    ]
    return _few(_without(_without(lacking, lately), forgotten(db, log_key)))


def forgotten(db: sqlite3.Connection, log_key: int) -> list[Range]:
    """Return the ranges that a person wants gone for good, ascending."""
    rows = db.execute(
        "select first_seq, last_seq from forgotten where log_key = ? order by first_seq, last_seq",
        (log_key,),
    )
    return [(row["first_seq"], row["last_seq"]) for row in rows]


def _pause_ms(times: int) -> int:
    return min(ASK_AGAIN_MS * LONGER ** (times - 1), LONGEST_MS)


def note_absent(db: sqlite3.Connection, log_key: int, ranges: list[Range], now_ms: int) -> None:
    """Remember numbers that the band was asked for and does not have."""
    for first_seq, last_seq in ranges:
        db.execute(
            "insert into absent values (?, ?, ?, 1, ?) on conflict do update set"
            " times = times + 1, seen_utc_ms = excluded.seen_utc_ms",
            (log_key, first_seq, last_seq, now_ms),
        )


def _runs(numbers: Iterable) -> list[Range]:
    """Return ascending numbers as ranges."""
    runs = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [(first, last) for first, last in runs]


def _without(ranges: list[Range], others: list[Range]) -> list[Range]:
    """Return the ranges without what the others hold; both ascending."""
    left = []
    for first, last in ranges:
        for a, b in others:
            if b < first or a > last:
                continue
            if a > first:
                left.append((first, a - 1))
            first = b + 1
        if first <= last:
            left.append((first, last))
    return left


def _few(ranges: list[Range]) -> list[Range]:
    ranges = list(ranges)
    while len(ranges) > MOST_RANGES:
        gaps = [b[0] - a[1] for a, b in zip(ranges, ranges[1:], strict=False)]
        i = gaps.index(min(gaps))
        ranges[i : i + 2] = [(ranges[i][0], ranges[i + 1][1])]
    return ranges
