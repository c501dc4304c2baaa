"""A table of numbers to the fields of a recording: lost rows, clock, counts.

Pure, numpy. Speaks mg, Hz, seconds.
"""

from typing import Any

import numpy as np

from notturno.detect import finer, recording_step
from notturno.detect.recording_header import SAID
from notturno.detect.recording_time import Note, clock_of
from notturno.errors import Phrase, UserError

CSV_MG_PER_LSB = 0.122  # a chip of +-4 g; a CSV with larger values gets a coarser count
IMPLAUSIBLE_MG = 50_000.0  # no sensor of this kind reaches it
LOST_SHARE = 0.05  # of the lines may hold no numbers; beyond it is no recording; ours


def recording_fields(
    name: str,
    seconds: np.ndarray,
    acc_mg: np.ndarray,
    is_utc: bool,
    is_date: bool,
    told: tuple[Note, ...] = (),
) -> tuple:
    """Return the fields of a Recording of a table: seconds (n,), acc_mg (n, 3); lost rows are nan.

    is_utc: whether seconds are UTC; is_date: whether they are a date's at all;
    told: what is known of it already. Raises UserError.
    """
    seconds, acc_mg = np.asarray(seconds, np.float64), np.asarray(acc_mg, np.float64)
    good = np.isfinite(acc_mg).all(axis=1) & np.isfinite(seconds)
    notes = list(told)
    if not good.all():
        lost = int(len(good) - good.sum())
        at = int(np.flatnonzero(~good)[0])
        reason = Phrase("{n} rows hold no numbers, the first is row {at}.", n=lost, at=at + 1)
        notes.append(Note("rows_lost", lost, reason))
        seconds, acc_mg = seconds[good], acc_mg[good]
    try:
        clock = clock_of(np.arange(len(seconds)), seconds)
    except ValueError:
        raise UserError(
            "{name}: time does not go forward; sort the rows by time.", name=name
        ) from None
    acc, mg_per_lsb = counts_of(acc_mg, name)
    start_utc_s = clock.start_s if is_utc else None
    start_local_s = clock.start_s if is_date and not is_utc else None
    notes += clock.notes
    return (acc, mg_per_lsb, clock.odr_hz, start_utc_s, clock.breaks, tuple(notes), start_local_s)


def counts_of(acc_mg: np.ndarray, name: str) -> tuple[np.ndarray, float]:
    """Return (counts int16 (n, 3), mg per count) of acceleration in mg; raises UserError."""
    if np.median(np.abs(acc_mg).max(axis=1)) > IMPLAUSIBLE_MG:
        raise UserError(
            "{name}: most samples are above {implausible_g:g} g, which no "
            "limb stands; check the unit in the header.",
            name=name,
            implausible_g=IMPLAUSIBLE_MG / 1000,
        )
    # full scale stays free, for it means that a chip clipped
    most_mg = min(float(np.abs(acc_mg).max()), IMPLAUSIBLE_MG)
    mg_per_lsb = max(CSV_MG_PER_LSB, float(np.ceil(most_mg / finer.MOST * 1000) / 1000))
    mg_per_lsb = recording_step.step_mg(acc_mg) or mg_per_lsb
    counts = np.clip(np.round(acc_mg / mg_per_lsb), -32768, 32767)
    return counts.astype(np.int16), mg_per_lsb


def numbers_of(
    lines: list[str], delimiter: str, columns: Any, name: str, first_line: int
) -> np.ndarray:
    """Return (n, columns) numbers, nan where a line has none; raises UserError for too many."""
    try:
        table = np.loadtxt(lines, delimiter=delimiter, usecols=columns, ndmin=2, comments=None)
        if len(table) == len(lines) and np.isfinite(table).all():
            return table
    except ValueError:
        pass
    table = np.full((len(lines), len(columns)), np.nan)
    first = (0, "")
    for row, line in enumerate(lines):
        cells = line.split(delimiter)
        for place, column in enumerate(columns):
            what = cells[column].strip().strip('"') if column < len(cells) else ""
            try:
                table[row, place] = float(what)
            except ValueError:
                pass
            if not first[0] and not np.isfinite(table[row, place]):
                first = (row + first_line, what)
    table[~np.isfinite(table)] = np.nan
    lost = np.isnan(table).any(axis=1).sum()
    if lost > LOST_SHARE * len(lines):
        raise UserError(
            "{name}, line {number}: {what} stands where a number should be, and so in {share:.0%} "
            "of the lines; write numbers there."
            if first[1]
            else "{name}, line {number}: nothing stands where a number should be, and so in "
            "{share:.0%} of the lines; write numbers there.",
            name=name,
            number=first[0],
            what=first[1][:SAID],
            share=lost / len(lines),
        )
    return table
