"""A hypnogram out of an EDF+ or BDF+ file's annotations. Touches one file, by way of edfio."""

import warnings
from collections import Counter
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from notturno.errors import UserError
from notturno.scoring.movements.lists import StageList
from notturno.scoring.movements.stage_names import has_prefix, stage_name, stage_names
from notturno.scoring.staging import END, UNSCORED

# Dates that stand for "removed": what EDF+ says to write, and what programs do write.
NO_DATES = ((1985, 1, 1), (1970, 1, 1), (1900, 1, 1), (2000, 1, 1))


def read_edf_stages(path: Path | str) -> StageList:
    """Return the StageList of the annotations of an EDF+ file that name a stage of sleep.

    Those that say so ("Sleep stage N2", "Stage - N2"); in a file without any, those whose whole
    text is a stage's name ("N2"). An annotation with a duration ends there; what no annotation
    covers is unscored, and so is a stage with a name that nobody knows. Raises UserError where
    the file is no EDF+, holds no stage, or edfio is not installed.
    """
    try:
        import edfio
    except ImportError:
        raise UserError("Reading EDF+ needs the package edfio; install it, or give CSV.") from None
    from notturno.nights.spans import to_us

    read = edfio.read_bdf if str(path).lower().endswith(".bdf") else edfio.read_edf
    try:
        file = read(path)
        annotations = file.annotations
    except Exception as error:  # edfio raises what it stumbles over in a damaged file
        raise UserError(
            "{path} cannot be read as EDF+ ({error}); check the file.", path=path, error=error
        ) from None
    chosen = [mark for mark in annotations if has_prefix(mark.text)]
    if not any(stage_name(mark.text) for mark in chosen):
        chosen = [mark for mark in annotations if stage_name(mark.text)]
    if not chosen:
        raise UserError(
            "{path} holds no annotation that names a stage, as `Sleep stage N2`; give another "
            "file.",
            path=path,
        )
    marks, unknown, twice = marked(
        [(to_us(mark.onset), to_us(mark.duration or 0), mark.text) for mark in chosen]
    )
    if twice:
        raise UserError(
            "{path} holds two stages at {onset_s:g} s; keep one.",
            path=path,
            onset_s=min(twice) / 1e6,
        )
    start, why = local_start(file)
    return StageList(rows_of(marks), start, why, unknown)


def marked(labels: list[tuple[int, int, str]]) -> tuple[dict, Counter, set[int]]:
    """Return (marks for `rows_of`, labels that are not known for sure, times of two stages).

    labels: (onset_us, duration_us, text). At one time a known stage goes before a strange label;
    two different known ones are unscored.
    """
    names, unknown = stage_names(text for *_, text in labels)
    marks, twice = {}, set()  # onset_us -> (duration_us, stage, whether strange)
    for (onset_us, duration_us, text), name in zip(labels, names, strict=True):
        here = marks.get(onset_us)
        strange = text.strip() in unknown
        if here is None or here[2]:
            marks[onset_us] = (duration_us, name, strange)
        elif not strange and here[1] != name:
            twice.add(onset_us)
    for onset_us in twice:
        marks[onset_us] = (marks[onset_us][0], UNSCORED, False)
    return marks, unknown, twice


def rows_of(marks: dict) -> list[tuple[int, str]]:
    """Return (onset_us, stage) of {onset_us: (duration_us, stage, whether strange)}, in order.

    What no mark covers is unscored, and the end of the last one is END. A duration of 0 lasts
    until the next mark; the last of all then has no end.
    """
    onsets = sorted(marks)
    stages = []
    for onset_us, following_us in zip_longest(onsets, onsets[1:]):
        duration_us, stage, _ = marks[onset_us]
        stages.append((onset_us, stage))
        if duration_us and following_us is None:
            stages.append((onset_us + duration_us, END))
        elif duration_us and onset_us + duration_us < following_us:
            stages.append((onset_us + duration_us, UNSCORED))
    return stages


def local_start(file) -> tuple[datetime | None, str | None]:
    """Return (local start of the file, None), or (None, why there is none)."""
    import edfio

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # two dates that differ: the EDF+ one holds
            start = datetime.combine(file.startdate, file.starttime)
    except edfio.AnonymizedDateError:
        return None, "the date in the file was removed"
    except ValueError:
        return None, "the date in the file cannot be read"
    if (start.year, start.month, start.day) in NO_DATES:
        return None, "the date in the file stands for a removed one"
    return start, None
