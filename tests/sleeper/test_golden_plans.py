"""What is planned for an hour, as numbers: each profile, and each model's share of one.

A short night that is rendered (test_golden_signal) holds few movements, and some profiles' not at
all. Here an hour is planned and none of it rendered: truth, what others shook, waveforms, turns,
and what goes on all night at some instants. `NOTTURNO_WRITE_GOLDEN=1` writes golden_plans.json
anew: then RESULTS has to be measured anew, too.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from notturno import sleeper
from notturno.sleeper import models, sensor
from notturno.sleeper.asked import AskedLimb

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from golden import columns, hold, leaves

KEPT = Path(__file__).with_name("golden_plans.json")
SEED, HOURS = 11, 1.0
NIGHTS = {profile: (profile, None) for profile in sleeper.profile_names()}
NIGHTS |= {f"mixed, {one.name}": ("mixed", one) for one in (*models.TUNING, *models.HELD_OUT)}


def of_waves(night):
    """Yield sums of every waveform: how long, how strong by axis, how much of it and how late."""
    for onset_s, wave in night.waves:
        wave = wave.astype(float)
        yield "onset_s", float(onset_s)
        yield "samples", len(wave)
        for axis in range(3):
            yield f"mg_{axis}", float(np.abs(wave[:, axis]).sum())
            yield f"late_{axis}", float(wave[:, axis] @ np.arange(len(wave)))


def of_all_night(night):
    """Yield what is switched on, or lives, at instants that no period divides."""
    t = np.arange(0, HOURS * 3600, 7.37)
    for number, part in enumerate(night.living):
        yield from ((f"living_{number}", float(x)) for x in part(t).reshape(-1))
    for number, texture in enumerate(night.textures):
        lasts = texture(t, np.random.default_rng(3))
        yield from ((f"texture_{number}", float(x)) for x in lasts.reshape(-1))


@pytest.mark.parametrize("name", NIGHTS)
def test_an_hour_is_planned_as_it_was(name):
    profile, model = NIGHTS[name]
    night = sleeper.night_world(profile, SEED, HOURS, model)
    rows = [
        (f"{which} {row['kind']} {key}", row[key] or 0.0)
        for which, each in (("truth", night.truth), ("others", night.others))
        for row in each
        for key in ("onset_s", "duration_s", "peak_mg", "rhythm_hz")
    ]
    turns = [
        (key, float(x))
        for start_s, seconds, after in night.turns
        for key, x in zip(("start_s", "s", *"xyz"), (start_s, seconds, *after), strict=True)
    ]
    quiet = [(key, float(np.sum(value))) for key, value in night.quiet.items()]
    still = [("still_s", float(at_s)) for span in night.still for at_s in span]
    found = [*rows, *turns, *quiet, *still, *of_waves(night), *of_all_night(night)]
    hold(KEPT, name, columns(found))


@pytest.mark.parametrize("which", ["TUNING", "HELD_OUT", "SLOW_PARTS", "NOISY_PARTS"])
def test_a_model_is_made_of_what_it_was(which):
    """A range of which an hour draws once, and a sensor, which plans nothing."""
    said = [dataclasses.asdict(one) for one in getattr(models, which)]
    hold(KEPT, which, columns(leaves(said)))


def test_a_limb_that_is_asked_kicks_as_it_did():
    limb = AskedLimb(SEED)
    onsets = [("onset_s", limb.move(at_s)) for at_s in range(20, 3600, 149)]
    moved = limb.accel_mg(3500.0, 0.0371, 8000)  # over the end of the hour of its rest
    found = [(f"mg_{axis}", float(x)) for axis in range(3) for x in moved[:, axis]]
    hold(KEPT, "asked", columns([*onsets, *found]))


def test_slow_and_noisy_parts_count_as_they_did():
    night = sleeper.night_world("fragmentary", SEED, 0.05)
    found = []
    for number, part in enumerate((*models.SLOW_PARTS, *models.NOISY_PARTS)):
        read = sensor.Sensor(night, SEED, models.TUNING[0].on(part)).read(1000, 2000)
        found += [(f"counts_{number}", int(x)) for x in read.reshape(-1)]
    hold(KEPT, "parts", columns(found))
