"""The reference's own rows of short nights are kept: what others are measured beside stays put.

golden_reference.json holds every row. That they mean something is held in test_reference.py, by
signals made by hand, and by the bench's own truth. `NOTTURNO_WRITE_GOLDEN=1` writes it anew: then
RESULTS has to be measured anew, too.
"""

import json
import os
from pathlib import Path

import pytest
from notturno import sleeper
from notturno.bench.baselines import reference
from notturno.sleeper import models, sensor

KEPT = Path(__file__).with_name("golden_reference.json")
SEED = 3
NIGHTS = {
    f"mixed, {model.name}": ("mixed", 0.2, model)
    for model in (models.HELD_OUT[0], models.HELD_OUT[2], models.TUNING[3])
} | {f"{profile}": (profile, 0.12, None) for profile in ("long_rhythms", "tone_on", "plm_short")}


def rows_of(profile, hours, model):
    """Return the rows of a night: kind, onset and length in s, mg, Hz, flags."""
    night = sleeper.night_world(profile, SEED, hours, model)
    counts, hz = sensor.record(night, SEED, None, model)
    mg_per_lsb = sensor.Sensor(night, SEED, model).mg_per_lsb
    return [
        [
            row["kind"] + "".join(f" {flag}" for flag in sorted(row["flags"])),
            *(
                round(row[key] or 0, 5)
                for key in ("onset_s", "duration_s", "peak_mg", "rhythm_hz")
            ),
        ]
        for row in reference.detect(counts * mg_per_lsb, hz)
    ]


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_of_the_reference_is_what_it_was(name):
    found = rows_of(*NIGHTS[name])
    if os.environ.get("NOTTURNO_WRITE_GOLDEN"):
        kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
        kept[name] = [" | ".join(map(str, row)) for row in found]
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    kept = [line.split(" | ") for line in json.loads(KEPT.read_text("utf-8"))[name]]
    assert [row[0] for row in found] == [row[0] for row in kept]
    for row, (_, *numbers) in zip(found, kept, strict=True):
        assert row[1:] == pytest.approx([float(n) for n in numbers], rel=1e-4, abs=1e-4)
