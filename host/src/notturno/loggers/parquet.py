"""A table in Parquet: columns named as a CSV's header names them, or times of Parquet's own.

Needs pyarrow. Touches the file.
"""

from pathlib import Path

import numpy as np

from notturno.detect.recording_header import columns_of, no_time_unit
from notturno.detect.recording_stamps import date_times
from notturno.detect.recording_table import recording_fields
from notturno.errors import UserError, why

MARK = b"PAR1"


def read(path: Path, name: str) -> tuple:
    """Return the fields of a Recording, as recording_csv.read_csv; raises UserError."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow; install it: pip install 'notturno[files]'."
        ) from None
    try:
        header = parquet.read_schema(path).names
        columns = columns_of(header, name)
        wanted = [header[at] for at in (columns.time, *columns.axes)]
        table = parquet.read_table(path, columns=wanted)
        axes = [_numbers(table[column]) for column in wanted[1:]]
        time = table[wanted[0]]
        kind = time.type
        is_utc, is_date, notes = columns.is_utc, False, ()
        if pyarrow.types.is_timestamp(kind):
            is_utc, is_date = is_utc or kind.tz is not None, True
            stamps = time.cast(pyarrow.timestamp("us", kind.tz), safe=False)
            seconds = _numbers(stamps.cast(pyarrow.int64())) / 1e6
        elif pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
            texts = [text or "" for text in time.to_pylist()]
            seconds, is_utc, is_date, notes = date_times(texts, name, is_utc)
        elif columns.time_unit_s is None:
            raise no_time_unit(header, columns.time, name)
        else:
            seconds = _numbers(time) * columns.time_unit_s
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(
            "{name} cannot be read as Parquet ({why_said}); write it again.",
            name=name,
            why_said=why(error),
        ) from None
    if len(seconds) < 2:
        raise UserError("{name} holds fewer than two samples; give 3 s or more.", name=name)
    axes_mg = np.column_stack(axes) * columns.axes_mg
    return recording_fields(name, seconds, axes_mg, is_utc, is_date, notes)


def _numbers(column) -> np.ndarray:
    """Return a column as float64, nan where it holds nothing."""
    import pyarrow

    return np.asarray(column.cast(pyarrow.float64(), safe=False).to_numpy(), np.float64)
