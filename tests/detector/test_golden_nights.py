"""A quarter of an hour of every profile, and what the detector says of it, row by row.

The rows stand in golden_nights.txt, a line each: kind, onset and duration (s), largest quick and
slow peak (mg), flags. `NOTTURNO_WRITE_GOLDEN=1` writes the file anew: read its difference as you
would read a report. Onsets may move by a few samples, so that another numpy is no other detector.
"""

import os
from pathlib import Path

import pytest
from notturno import sleeper
from notturno.detect import engines
from notturno.detect.recording import Recording
from notturno.sleeper import models, sensor

TABLE = Path(__file__).with_name("golden_nights.txt")
SEED, HOURS = 11, 0.25
NEAR_S, NEAR_SHARE = 0.05, 0.03


def rows_of(profile):
    """Return the final rows of a profile in words, by onset."""
    model = models.TUNING[2]
    night = sleeper.night_world(profile, SEED, HOURS, model)
    acc, odr_hz = sensor.record(night, SEED, model=model)
    events = engines.run(Recording(acc, model.part.mg_per_lsb, odr_hz))
    events.sort(key=lambda event: (event["onset_s"], event["kind"], event["number"]))
    return [
        (
            event["kind"],
            event["onset_s"],
            event["duration_s"],
            event["quick_peak_mg"],
            event["slow_peak_mg"],
            " ".join(sorted(event["flags"])) or "-",
        )
        for event in events
    ]


def read():
    """Return {profile: rows} as the file holds them."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            rows = found[line[2:]] = []
        elif line:
            kind, onset, duration, quick, slow, flags = line.split(None, 5)
            rows.append((kind, float(onset), float(duration), int(quick), int(slow), flags))
    return found


def test_every_profile_is_there():
    if os.environ.get("NOTTURNO_WRITE_GOLDEN"):
        text = "\n".join(
            "\n".join(
                [f"# {profile}"]
                + ["{} {:.2f} {:.2f} {} {} {}".format(*row) for row in rows_of(profile)]
                + [""]
            )
            for profile in sleeper.profile_names()
        )
        TABLE.write_text(text, encoding="utf-8")
    assert sorted(read()) == sorted(sleeper.profile_names())


@pytest.mark.parametrize("profile", sleeper.profile_names())
def test_the_rows_of_a_profile_are_those_that_stand_there(profile):
    found, stands = rows_of(profile), read()[profile]
    assert [(row[0], row[5]) for row in found] == [(row[0], row[5]) for row in stands]
    for row, told in zip(found, stands, strict=True):
        assert row[1:3] == pytest.approx(told[1:3], abs=NEAR_S)
        assert row[3:5] == pytest.approx(told[3:5], rel=NEAR_SHARE, abs=1)
