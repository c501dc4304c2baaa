"""What a surface says, kept in a file: columns of numbers by their sums, texts by one or in full.

Touches the file named. NOTTURNO_WRITE_GOLDEN=1 in the environment writes it anew. What a report
says of the detector's trial is kept of a trial made up here: each bench's day has other figures.
"""

import copy
import json
import os
import zlib
from contextlib import contextmanager

import pytest
from notturno.report import bench_figures

TRIAL = {
    "detector_version": 7,
    "made_on": "2026-01-31",
    "hours_a_night": 3.0,
    "jerks": {"found": 0.91, "ppv": 0.82, "false_per_h": 0.73},
    "lms": {"found": 0.94, "ppv": 0.85},
    "periodic": {"found": 0.76, "ppv": 0.67},
    "still": {"false_jerks_per_h": 1.0, "hours": 3.0},
    "asleep_jerks_per_h": 0.58,
}

TEXT = " (text)"  # ends the name of a column of texts


@contextmanager
def on_trial():
    """Let reports tell of TRIAL in place of the bench's last table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench_figures, "figures", lambda: copy.deepcopy(TRIAL))
        yield


def counted(values):
    """Return how many numbers, their sum, their sum by place: what moves, changes one of them."""
    by_place = sum(place * value for place, value in enumerate(values, 1))
    return f"{len(values)}: {sum(values):.8g}, {by_place:.8g}"


def of_texts(texts):
    """Return how many texts, the first of them, and a sum over all."""
    return f"{len(texts)}: {texts[0][:40]!r}, {zlib.crc32(chr(10).join(texts).encode()):08x}"


def columns(pairs):
    """Return {column: what is said of its numbers, or of its texts}, of (column, value)."""
    numbers, texts = {}, {}
    for column, value in pairs:
        kept = numbers if isinstance(value, int | float) else texts
        kept.setdefault(column, []).append(value)
    found = {name: counted(values) for name, values in numbers.items()}
    return found | {name + TEXT: of_texts(values) for name, values in texts.items()}


def leaves(value, passing=(), where=""):
    """Yield (the last two keys, value) of all that a JSON value holds; passing: keys left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not str(key).startswith(passing):
                yield from leaves(inner, passing, f"{where.rpartition('/')[2]}/{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner, passing, where)
    elif isinstance(value, int | float):
        yield where, value
    else:
        yield where, str(value)


# What a person is told who changed it on purpose.
MEANT = "If it was meant: NOTTURNO_WRITE_GOLDEN=1 make test K=golden, and read what changed."


def hold(path, name, found):
    """Compare what a surface says with what is kept of it; a last digit of a sum may differ."""
    found = json.loads(json.dumps(found))
    if os.environ.get("NOTTURNO_WRITE_GOLDEN"):
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept[name] = found
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", "utf-8")
    wrong = differences(json.loads(path.read_text("utf-8"))[name], found)
    assert wrong == [], "\n".join([*wrong[:20], MEANT])


def differences(stands, found, where=""):
    """Return lines that say where two values differ."""
    if isinstance(stands, dict) and isinstance(found, dict):
        both = [(key, stands.get(key), found.get(key)) for key in sorted({*stands, *found})]
        return [line for key, a, b in both for line in differences(a, b, f"{where}/{key}")]
    if isinstance(stands, list) and isinstance(found, list) and len(stands) == len(found):
        both = zip(stands, found, strict=True)
        return [line for a, b in both for line in differences(a, b, where)]
    same = stands == found or (not where.endswith(TEXT) and nearly(stands, found))
    return [] if same else [f"{where}: {stands} stands there, {found} is said"]


def nearly(stands, found):
    """Say whether two of `counted` are the same but for a last digit."""
    try:
        both = [[float(x) for x in one.replace(":", ",").split(",")] for one in (stands, found)]
    except (AttributeError, ValueError):
        return False
    return len(both[0]) == len(both[1]) == 3 and both[0] == pytest.approx(both[1], rel=1e-6)
