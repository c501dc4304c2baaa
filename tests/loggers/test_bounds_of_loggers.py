"""What is said of a damaged file, word by word, number by number; and when gravity calibrates."""

import sys
from pathlib import Path
from types import SimpleNamespace

import logger_files as files
import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from golden import columns, hold
from notturno.detect.recording_time import Break, Clock
from notturno.errors import UserError
from notturno.loggers import calibration
from notturno.loggers import load as load_module
from notturno.loggers.load import _breaks, load
from notturno.loggers.raw import Raw

KEPT = Path(__file__).with_name("golden_damage.json")
MG = files.limb_mg(30, hz=100, jerks=(10, 20))
SMALL = files.limb_mg(30, hz=30, jerks=(10, 20))
FILES = {
    "packed.cwa": files.cwa(files.counts_of(MG, 3.90625)),
    "six.cwa": files.cwa(files.counts_of(MG, 1000 / 8192), form="six", code=0x8A),
    "three.cwa": files.cwa(files.counts_of(MG, 1000 / 8192), form="three", code=0x8A, lost=(9,)),
    "whole.gt3x": files.gt3x(files.counts_of(SMALL, 1000 / 256), idle=((12, 16),)),
    "page.bin": files.geneactiv(np.round(MG / 3.90625).astype(int)),
    "packet.BIN": files.matrix(files.counts_of(MG, 8000 / 32768), seconds=10),
}


def damaged(data, how):
    """Return a file whole, without its last tenth, or with a hole of a hundred bytes."""
    if how == "cut":
        return data[: len(data) * 9 // 10]
    middle = len(data) * 6 // 10
    return data if how == "whole" else data[:middle] + b"\xa5" * 100 + data[middle + 100 :]


@pytest.mark.parametrize("how", ["whole", "cut", "hole"])
@pytest.mark.parametrize("name", FILES)
def test_what_a_file_gives_and_what_is_said_of_it_is_kept(tmp_path, name, how):
    path = tmp_path / name
    path.write_bytes(damaged(FILES[name], how))
    try:
        found = load(path)
    except UserError as error:
        hold(KEPT, f"{name}, {how}", {"refused": str(error)})
        return
    whole = found.recording
    numbers = [("rate_hz", whole.odr_hz), ("mg_per_lsb", whole.mg_per_lsb)]
    numbers += [("break_at", at) for at, _ in whole.breaks]
    numbers += [("break_s", s) for _, s in whole.breaks]
    numbers += [
        (f"acc_{axis}", int(x)) for axis, xs in zip("xyz", whole.acc.T, strict=True) for x in xs
    ]
    notes = [f"{note.code}, {note.n}: {note.reason}" for note in whole.notes]
    hold(KEPT, f"{name}, {how}", {"numbers": columns(numbers), "notes": notes})


# --- calibration against gravity (van Hees 2014) ------------------------------------------------


def resting(seconds=600, scale=1.0, offset_mg=0.0, lowest_mg=-1000.0, seed=2):
    """Return seconds at rest, every way about, as a sensor of that scale and offset gives them."""
    ways = np.random.default_rng(seed).normal(size=(20 * seconds, 3))
    ways *= 1000 / np.linalg.norm(ways, axis=1)[:, None]
    ways = ways[ways[:, 2] > lowest_mg][:seconds]
    return ways * scale + offset_mg


@pytest.mark.parametrize(
    ("given", "calibrates"),
    [
        ({"scale": 1.0105}, True),  # 10.5 mg off 1 g
        ({"scale": 1.0095}, False),  # 9.5 mg: as it is
        ({"scale": 0.9895}, True),
        ({"scale": 1 / 1.14}, True),
        ({"scale": 1 / 1.16}, False),  # no sensor is so far off
        ({"scale": 1.05, "lowest_mg": -330 / 1.05}, True),
        ({"scale": 1.05, "lowest_mg": -290 / 1.05}, False),  # never on that side
        ({"scale": 1.05, "seconds": 60}, True),
    ],
)
def test_gravity_calibrates_where_rest_is_off_and_lies_every_way(given, calibrates):
    found = calibration.fit(resting(**given))
    assert (found.gain is not None) == calibrates
    scale = given["scale"]
    assert found.before_mg == pytest.approx(abs(scale - 1) * 1000)
    if calibrates:
        assert found.gain == pytest.approx([1 / scale] * 3, rel=1e-3)
        assert found.after_mg < 0.5


def test_an_offset_is_found_and_a_minute_at_rest_is_the_least():
    found = calibration.fit(resting(offset_mg=np.array([30.0, -20.0, 40.0])))
    assert found.offset_mg == pytest.approx([-30, 20, -40], abs=0.5)
    assert calibration.fit(resting(59, 1.05)) is None


def test_what_is_said_of_a_calibration():
    def note(gain, before_mg):
        return calibration.note_of(calibration.Fit(gain, gain, before_mg, 2.0))

    assert calibration.note_of(None) is note(None, 9.9) is None
    told = note(np.ones(3), 31.2)
    assert (told.code, told.n) == ("calibrated", 1) and "31 mg off 1 g, now 2." in told.reason
    told = note(None, 10.0)
    assert (told.code, told.n) == ("not_calibrated", 1) and "10 mg off 1 g" in told.reason


def test_what_a_file_counts_as_lost_is_a_break_before_any_sample_but_the_first():
    """100 lost at 50 Hz are two seconds; what would lie before the first or behind the last is
    no break."""
    lost = ((0, 50), (1, 100), (9, 25), (10, 50))
    raw = SimpleNamespace(acc=np.zeros((10, 3), np.int16), lost=lost)
    breaks, notes = _breaks(raw, Clock(50.0, 0.0, (), ()))
    assert [tuple(each) for each in breaks] == [(1, 2.0), (9, 0.5)]
    assert [note[:2] for note in notes] == [("gaps", 2)]


@pytest.mark.parametrize(("stamps", "tell"), [(2, False), (3, True)])
def test_three_stamps_tell_where_samples_are_missing_and_two_do_not(monkeypatch, stamps, tell):
    """Where they do not, seams are looked for in the samples."""
    asked = []
    monkeypatch.setattr(
        load_module.recording, "ready", lambda found, name, stamped: asked.append(stamped) or found
    )
    index = np.linspace(0, 1000, stamps).astype(int)
    raw = Raw(np.zeros((1001, 3), np.int16), 1.0, index, 1e9 + index / 50, "x")
    found = load_module._of_raw(raw, "x")
    assert asked == [tell] and found.odr_hz == pytest.approx(50)
    assert (found.start_utc_s, found.start_local_s) == (None, pytest.approx(1e9))


@pytest.mark.parametrize(
    ("stamped_at", "sample"),
    [
        (50, 50),  # before all holes
        (100, 100),
        (120, 100),  # within the first: at it
        (149, 100),
        (160, 110),  # behind 50 that are not there
        (249, 199),
        (250, 200),
        (270, 200),
        (300, 225),  # behind 75
    ],
)
def test_where_stamps_tell_of_more_than_the_file_counts_as_lost(stamped_at, sample):
    raw = SimpleNamespace(acc=np.zeros((500, 3), np.int16), lost=((100, 50), (200, 25)))
    told = (Break(0, 9.0), Break(stamped_at, 0.25))
    breaks, _ = _breaks(raw, Clock(50.0, 0.0, told, ()))
    expected = {100: 1.0, 200: 0.5}
    expected[sample] = expected.get(sample, 0.0) + 0.25
    assert dict(breaks) == expected
    raw.lost = ()
    breaks, _ = _breaks(raw, Clock(50.0, 0.0, (*told, Break(500, 1.0)), ()))
    assert dict(breaks) == {stamped_at: 0.25}
