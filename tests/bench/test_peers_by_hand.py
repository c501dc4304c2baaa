"""Beside other programs, without them: what is asked of each, and what the page says of it.

The other programs are stand-ins that keep what they were asked and answer what a test sets.
"""

import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from notturno.bench import peers, peers_there
from notturno.detect.recording import Recording

# --- what it takes -------------------------------------------------------------------------------


def test_of_three_runs_the_quickest_counts_by_the_clock_and_by_the_processors(monkeypatch):
    clock, spent = iter([0.0, 5.0, 10.0, 12.5, 20.0, 24.0]), iter([1.0, 4.0, 5.0, 7.0, 9.0, 10.5])
    monkeypatch.setattr(peers_there.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(peers_there, "_processors_s", lambda: next(spent))
    results = iter("abc")
    assert peers_there.best(lambda: next(results)) == ("c", 2.5, 1.5)
    assert next(clock, None) is None, "three runs"


def test_the_processors_time_is_the_users_and_the_systems_of_this_process_and_its_children(
    monkeypatch,
):
    own, children = peers_there.resource.RUSAGE_SELF, peers_there.resource.RUSAGE_CHILDREN
    used = {own: (1.0, 0.25), children: (10.0, 0.5)}
    monkeypatch.setattr(
        peers_there.resource,
        "getrusage",
        lambda who: SimpleNamespace(ru_utime=used[who][0], ru_stime=used[who][1]),
    )
    assert peers_there._processors_s() == 11.75


# --- the others ----------------------------------------------------------------------------------


def once(work):
    return work(), 0.5, 0.25


def module(monkeypatch, name, **what):
    made = ModuleType(name)
    vars(made).update(what)
    monkeypatch.setitem(sys.modules, name, made)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(peers_there, "best", once)


def test_actipy_reads_plainly_once_and_once_with_its_calibration_and_its_not_worn(
    monkeypatch, quick
):
    asked = []

    def read_device(path, **how):
        asked.append((path, how))
        return [0] * 700, {"ReadErrors": 3, "NonwearTime(days)": 0.25}

    module(monkeypatch, "actipy", read_device=read_device)
    assert peers_there.of_actipy("a.cwa") == {
        **{"samples": 700, "read_s": 0.5, "cpu_s": 0.25, "whole_s": 0.5, "bad_blocks": 3},
        **{"not_worn_h": 6.0, "sleep": "has no sleep window"},
    }
    plain = {"lowpass_hz": None, "resample_hz": None, "verbose": False}
    assert asked == [
        ("a.cwa", plain | {"calibrate_gravity": False, "detect_nonwear": False}),
        ("a.cwa", plain | {"calibrate_gravity": True, "detect_nonwear": True}),
    ]


class Skdh:
    """Stamps 10 s apart from 1000 s on; `slept` and `wear` as a test sets them."""

    def __init__(self, monkeypatch, slept=None, wear=(), fs=None):
        self.asked, self.slept, self.wear, self.fs = {}, slept, wear, fs
        module(monkeypatch, "skdh")
        module(monkeypatch, "skdh.io", ReadCwa=lambda: SimpleNamespace(predict=self.read))
        module(
            monkeypatch,
            "skdh.preprocessing",
            AccelThresholdWearDetection=lambda: SimpleNamespace(predict=self.find_wear),
        )
        module(monkeypatch, "skdh.sleep", Sleep=self.sleep)

    def read(self, file):
        self.asked["file"] = file
        return {"time": 1000.0 + 10 * np.arange(100), "accel": np.zeros((100, 3)), "fs": self.fs}

    def sleep(self, day_window):
        self.asked["window"] = day_window
        return SimpleNamespace(predict=self.find_sleep)

    def find_sleep(self, time, accel, fs, day_ends):
        self.asked.update(fs=fs, ends={key: each.tolist() for key, each in day_ends.items()})
        if self.slept is None:
            raise ValueError("too short")
        begin, length = self.slept
        return {"TSO Start Timestamp": begin, "TSO Duration": length}

    def find_wear(self, time, accel, fs):
        if self.wear is None:
            raise RuntimeError("no wear")
        return {"wear": self.wear}


def test_skdhs_sleep_is_in_minutes_from_the_first_sample_and_what_is_not_worn_in_hours(
    monkeypatch, quick
):
    skdh = Skdh(monkeypatch, slept=([1120.0, 9.0], [30.0, 9.0]), wear=[[0, 50], [60, 100]])
    # worn for 490 s and 390 s of 990
    assert peers_there.of_skdh("a.cwa") == {
        **{"samples": 100, "read_s": 0.5, "sleep": "2 to 32 min"},
        "not_worn_h": pytest.approx(110 / 3600),
    }
    assert skdh.asked == {
        **{"file": "a.cwa", "window": (12, 24), "fs": 0.1, "ends": {(12, 24): [[0, 99]]}},
    }


def test_what_skdh_refuses_or_does_not_find_is_said(monkeypatch, quick):
    Skdh(monkeypatch, slept=None, wear=None, fs=50)
    found = peers_there.of_skdh("a.cwa")
    assert found["sleep"] == "refuses (ValueError: too short)"
    assert found["not_worn_h"] == "refuses (RuntimeError: no wear)"
    skdh = Skdh(monkeypatch, slept=([], []), wear=[[0, 100]], fs=50)
    found = peers_there.of_skdh("a.cwa")
    assert (found["sleep"], found["not_worn_h"], skdh.asked["fs"]) == ("gives none", 0.0, 50.0)


def test_a_peer_prints_its_version_and_its_figures_or_why_there_are_none(monkeypatch, capsys):
    def fails(path):
        raise ValueError(path)

    for package, work, told in (
        ("numpy", lambda path: {"samples": path}, {"version": np.__version__, "samples": "f"}),
        ("numpy", fails, {"version": np.__version__, "refused": "ValueError: f"}),
        ("no-such-package", fails, {"version": None, "refused": "it is not installed"}),
    ):
        monkeypatch.setattr(peers_there, "PEERS", {"x": (package, work)})
        peers_there.main("x", "f")
        assert json.loads(capsys.readouterr().out.splitlines()[-1]) == told


# --- ours, and all of them in turn ---------------------------------------------------------------


def test_ours_is_what_reading_and_detecting_take_together(monkeypatch):
    loaded = SimpleNamespace(
        recording=SimpleNamespace(acc=[0] * 42, notes=[SimpleNamespace(code="gaps")])
    )
    row = {"not_worn_h": [1.5], "sleep_start_s": [60.0], "sleep_end_s": [3600.0]}
    took = iter([(loaded, 1.0, 2.0), ("found", 0.25, 0.5)])
    monkeypatch.setattr(peers.peers_there, "best", lambda work: next(took))
    monkeypatch.setattr(peers, "tables_of", lambda person, path, one, found: {"nights": row})
    assert peers.of_ours("a.cwa") == {
        **{"samples": 42, "read_s": 1.0, "whole_s": 1.25, "cpu_s": 2.5, "not_worn_h": 1.5},
        **{"sleep": (60.0, 3600.0), "notes": ["gaps"]},
    }


def test_ours_is_measured_before_and_after_the_others_and_the_better_of_each_counts(monkeypatch):
    took = [(1.0, 3.0, 2.0), (2.0, 2.5, 1.0), (5.0, 5.0, 5.0), (4.0, 6.0, 7.0)]
    ours = iter([dict(zip(("read_s", "whole_s", "cpu_s"), row, strict=True)) for row in took])
    theirs = {"actipy": {"version": "3.7", "read_s": 9.0}, "skdh": {"refused": "it"}}
    monkeypatch.setattr(peers, "of_ours", lambda path: next(ours))
    brought_down = {"refused": "the process ended with -11"}
    monkeypatch.setattr(
        peers,
        "_there",
        lambda python, name, path: theirs[name] if path == "a.cwa" else brought_down,
    )
    assert peers.measured("python", ["a.cwa", "b.cwa"]) == {
        "peers": {"actipy": "3.7", "skdh": None},
        "files": {
            "a.cwa": {"notturno": {"read_s": 1.0, "whole_s": 2.5, "cpu_s": 1.0}, **theirs},
            "b.cwa": {
                "notturno": {"read_s": 4.0, "whole_s": 5.0, "cpu_s": 5.0},
                **dict.fromkeys(("actipy", "skdh"), brought_down),
            },
        },
    }


@pytest.mark.parametrize(
    ("code", "told"),
    [(0, {"samples": 5}), (-11, {"refused": "the process ended with -11"})],
)
def test_a_peer_has_a_process_of_its_own_and_its_last_line_is_what_it_found(
    monkeypatch, code, told
):
    asked = []

    def run(command, **how):
        asked.append(command)
        return SimpleNamespace(returncode=code, stdout='noise\nmore\n{"samples": 5}\n')

    monkeypatch.setattr(peers.subprocess, "run", run)
    assert peers._there("python3", "skdh", "a.cwa") == told
    assert asked == [["python3", peers_there.__file__, "skdh", "a.cwa"]]


def test_the_synthetic_nights_are_of_100_hz_packed_and_in_16_bits(monkeypatch, tmp_path):
    asked = []

    def typical(hours, seed):
        asked.append((hours, seed))
        acc = np.zeros((4000, 3), np.int16)
        acc[:, 2] = 2000  # 1000 mg
        return Recording(acc, 0.5, 105.0)

    monkeypatch.setattr(peers, "HOURS", 0.01)
    monkeypatch.setattr(peers.machine, "typical", typical)
    packed, plain = peers.nights(tmp_path)
    # samples of 105 Hz are written as of 100 Hz, with six minutes to spare
    assert asked == [(pytest.approx(0.01 / 1.05 + 0.1), 1)]
    assert (packed.name, plain.name) == (
        *("synthetic_night_ax3_packed.cwa", "synthetic_night_16_bit.cwa"),
    )
    assert packed.stat().st_size == 1024 + 512 * 3600 // 120
    assert plain.stat().st_size == 1024 + 512 * 3600 // 80
    # 1 g is 256 counts of ten bits, the third of them, or 8192 of sixteen
    assert packed.read_bytes()[1054:1058] == (256 << 20).to_bytes(4, "little")
    assert plain.read_bytes()[1054:1060] == bytes([0, 0, 0, 0, 0, 0x20])


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"refused": "it"}, "refused: it | - | - | - | -"),
        (
            {"sleep": (600.0, 28_830.0), "not_worn_h": 0.126, "whole_s": 1.2345},
            "9 | 0.500 | 1.234 | 0.13 | 10 to 480 min",
        ),
        (
            {"sleep": (None, None), "not_worn_h": "refuses", "whole_s": 2},
            "9 | 0.500 | 2.000 | refuses | too short to say",
        ),
        (
            {"sleep": {"a": 1, "b": 2}, "not_worn_h": 1.0},
            "9 | 0.500 | - | 1.00 | a 1, b 2",
        ),
        ({"sleep": {}, "not_worn_h": 0.0}, "9 | 0.500 | - | 0.00 | gives none"),
        ({"sleep": "as it says", "not_worn_h": 0.0}, "9 | 0.500 | - | 0.00 | as it says"),
    ],
)
def test_a_line_of_the_page(row, said):
    if "refused" not in row:
        row = {"samples": 9, "read_s": 0.5, **row}
    assert peers._line("a.cwa", "skdh", row) == f"| a.cwa | skdh | {said} |"


def test_the_page_tells_how_many_times_as_fast_a_whole_synthetic_night_is():
    ours = {"samples": 9, "read_s": 0.5, "whole_s": 2.0, "cpu_s": 4.0, "not_worn_h": 0.0}
    ours["sleep"] = (0.0, 600.0)
    theirs = {"samples": 9, "read_s": 9.0, "cpu_s": 10.0, "not_worn_h": 0.0, "sleep": "none"}
    told = {
        "peers": {"actipy": "3.7", "skdh": None},
        "files": {
            "/x/synthetic_one.cwa": {"notturno": ours, "actipy": theirs, "skdh": {"refused": "r"}},
            "/x/public.cwa": {"notturno": ours, "actipy": theirs},
            "/x/synthetic_two.cwa": {"notturno": ours, "actipy": {"refused": "r"}},
        },
    }
    lines = peers.page(told).split("\n")
    assert [line.split(" | ")[:2] for line in lines if line.startswith("| s")] == [
        ["| synthetic_one.cwa", "notturno"],
        ["| synthetic_one.cwa", "actipy"],
        ["| synthetic_one.cwa", "skdh"],
        ["| synthetic_two.cwa", "notturno"],
        ["| synthetic_two.cwa", "actipy"],
    ]
    assert "actipy 3.7, skdh missing" in lines[2] and "synthetic, 8 h asleep," in lines[4]
    assert [line for line in lines if line.startswith("- ")] == [
        "- synthetic_one.cwa: 4.5 times as fast by the clock (goal 5), with 2.5 times less of the "
        "processors' time."
    ]
