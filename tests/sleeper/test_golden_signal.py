"""What the synthetic limb does, as numbers: a night that changes is another night.

Every figure of the benchmark is of these nights. golden_signal.json holds of a short one of every
profile, and of every model, its truth and its acceleration by axis: how large, how quick, how it
lies. `NOTTURNO_WRITE_GOLDEN=1` writes it anew: then RESULTS has to be measured anew, too.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from notturno import sleeper
from notturno.sleeper import models, sensor

KEPT = Path(__file__).with_name("golden_signal.json")
SEED, HOURS, STEP_S = 7, 0.11, 0.04
NIGHTS = {profile: (profile, None) for profile in sleeper.profile_names()}
NIGHTS |= {f"mixed, {one.name}": ("mixed", one) for one in (*models.TUNING, *models.HELD_OUT)}
# In so short a night they come or not, by chance: with these seeds they do.
NIGHTS |= {
    f"{who}, that comes": (who, None, seed)
    for who, seed in {"cat": 10, "lorry": 8, "partner": 9, "snore": 11}.items()
}


def of_night(profile, model, seed=SEED):
    """Return figures of a night: the truth's sums, the signal's by axis, and the sensor's."""
    night = sleeper.night_world(profile, seed, HOURS, model)
    signal = night.accel_mg(0.0, STEP_S, round(HOURS * 3600 / STEP_S))
    moved = np.diff(signal, axis=0)
    truth = {
        key: float(sum(row[key] or 0 for row in night.truth))
        for key in ("onset_s", "duration_s", "peak_mg", "rhythm_hz")
    }
    found = {"truth": [len(night.truth), *truth.values()]}
    found["kinds"] = ", ".join(sorted({row["kind"] for row in night.truth}))
    found["lies_mg"] = signal.mean(axis=0).tolist()
    found["spread_mg"] = signal.std(axis=0).tolist()
    found["quick_mg"] = np.abs(moved).mean(axis=0).tolist()
    found["most_mg"] = np.abs(moved).max(axis=0).tolist()
    found["temperature_c"] = [night.temperature_c(at) for at in (0.0, 350.0)]
    read = sensor.Sensor(night, seed, **({"model": model} if model else {})).read(8192, 4000)
    found["counts"] = [*read.mean(axis=0).tolist(), *read.std(axis=0).tolist()]
    return found


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_is_the_night_that_it_was(name):
    found = of_night(*NIGHTS[name])
    if os.environ.get("NOTTURNO_WRITE_GOLDEN"):
        kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
        kept[name] = {
            k: v if isinstance(v, str) else " ".join(f"{x:.9g}" for x in v)
            for k, v in found.items()
        }
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    stands = json.loads(KEPT.read_text("utf-8"))[name]
    assert stands["kinds"] == found["kinds"]
    for key, numbers in stands.items():
        if key != "kinds":
            told = [float(number) for number in numbers.split()]
            assert found[key] == pytest.approx(told, rel=1e-6, abs=1e-9), key
