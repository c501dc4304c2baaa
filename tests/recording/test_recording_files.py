"""Raw recordings as files: read is what was written, and what is refused says what to do."""

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno import recordings
from notturno.cli.replay import command as replay
from notturno.detect import recording as raw
from notturno.detect.recording_table import CSV_MG_PER_LSB, counts_of
from notturno.errors import UserError
from notturno.virtualband.world import RecordingSource


def counts(n=600, seed=1, mg_per_lsb=0.122):
    """A limb that never rests, about 1 g, and once the whole range of the count."""
    acc_mg = np.random.default_rng(seed).normal([0, 600, -800], 200, (n, 3))
    acc = np.clip(acc_mg / mg_per_lsb, -32768, 32767).astype(np.int16)
    acc[100:101] = [32767, -32768, 0]
    return acc


def csv_of(path, header="time_s,x_mg,y_mg,z_mg", n=400, hz=100.0, size=1.0, sep=","):
    rows = [header]
    for i in range(n):
        rows.append(sep.join(f"{v:.6g}" for v in (i / hz, i % 7 * size, -i % 5 * size, size)))
    path.write_text("\n".join(rows) + "\n")
    return path


def change_line(path, number, text):
    lines = path.read_text().splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    odr_hz=st.floats(25, 208),
    mg_per_lsb=st.floats(0.031, 60),
    start=st.none() | st.floats(0, 4e9),
)
def test_a_saved_recording_is_loaded_as_it_was(tmp_path_factory, seed, odr_hz, mg_per_lsb, start):
    path = tmp_path_factory.mktemp("r") / "night.npz"
    before = raw.Recording(counts(700, seed, mg_per_lsb), mg_per_lsb, odr_hz, start)
    raw.save(path, before)
    after = raw.load(path)
    assert np.array_equal(after.acc, before.acc) and after.acc.dtype == np.int16
    assert (after.mg_per_lsb, after.odr_hz, after.start_utc_s) == (mg_per_lsb, odr_hz, start)


@pytest.mark.parametrize("name", ["night", "night.dat", "night.csv"])
def test_a_recording_keeps_the_name_it_was_given_whatever_its_ending(tmp_path, name):
    raw.save(tmp_path / name, raw.Recording(counts(), 0.122, 104.0))
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert len(raw.load(tmp_path / name).acc) == 600


@pytest.mark.parametrize(
    "unit, mg", [("mg", 1.0), ("g", 1000.0), ("ms2", 1000 / 9.80665), ("m/s2", 1000 / 9.80665)]
)
def test_a_csv_means_the_same_in_every_unit(tmp_path, unit, mg):
    path = csv_of(tmp_path / "a.csv", f"time_s,x_{unit},y_{unit},z_{unit}", size=300 / mg)
    recording = raw.load(path)
    assert recording.odr_hz == pytest.approx(100, rel=1e-6)
    acc_mg = recording.acc * recording.mg_per_lsb
    assert acc_mg[6, 0] == pytest.approx(1800, abs=recording.mg_per_lsb)
    assert np.allclose(acc_mg[:, 2], 300, atol=recording.mg_per_lsb)


@pytest.mark.parametrize(
    "header, sep",
    [
        ("time_s,x_mg,y_mg,z_mg", ","),
        ("time_s;acc_x_mg;acc_y_mg;acc_z_mg", ";"),
        ("Time (s)\tA_X [mg]\tA_Y [mg]\tA_Z [mg]", "\t"),
    ],
)
def test_usual_ways_to_write_a_header_are_understood(tmp_path, header, sep):
    recording = raw.load(csv_of(tmp_path / "a.csv", header, size=300.0, sep=sep))
    assert recording.acc.shape == (400, 3)
    assert recording.mg_per_lsb == CSV_MG_PER_LSB


@pytest.mark.parametrize(("unit", "a_second"), [("s", 1), ("msec", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_a_time_means_the_same_in_every_unit(tmp_path, unit, a_second):
    header = f"time ({unit}),x_mg,y_mg,z_mg"
    read = raw.load(csv_of(tmp_path / "a.csv", header, hz=100.0 / a_second, size=300.0))
    assert read.odr_hz == pytest.approx(100.0) and len(read.acc) == 400


def test_a_time_in_utc_is_the_start_of_the_recording(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"{1.75e9 + i / 50:.3f},1,2,1000" for i in range(300)]
    path.write_text("utc_s,x_mg,y_mg,z_mg\n" + "\n".join(rows))
    recording = raw.load(path)
    assert recording.start_utc_s == 1.75e9
    assert recording.odr_hz == pytest.approx(50, rel=1e-4)


def test_large_values_of_a_csv_keep_their_size_and_do_not_look_clipped(tmp_path):
    path = csv_of(tmp_path / "a.csv", "time_s,x_g,y_g,z_g", size=0.3)
    change_line(path, 8, "0.06,15,-0.3,0.3")
    recording = raw.load(path)
    assert np.abs(recording.acc.astype(int)).max() < 32767
    assert (recording.acc[6, 0] * recording.mg_per_lsb) == pytest.approx(15000, rel=1e-3)


LOST = ["0.05,nan,1,2", "0.05,inf,1,2", "0.07,,1,2", "0.07,1", "0.10,a lot,1,2", ""]


@pytest.mark.parametrize("text", LOST)
def test_a_line_without_numbers_is_a_sample_that_was_lost_and_said(tmp_path, text):
    path = csv_of(tmp_path / "a.csv", size=300.0)
    change_line(path, 9, text)
    recording = raw.load(path)
    assert len(recording.acc) == 399 and recording.breaks == ()
    assert [(note.code, note.n) for note in recording.notes] == [("rows_lost", 1)]
    assert "row 8" in recording.notes[0].reason


@pytest.mark.parametrize("text", LOST)
def test_many_lines_without_numbers_are_refused_with_the_first_one(tmp_path, text):
    path = csv_of(tmp_path / "a.csv", size=300.0)
    for line in range(7, 7 + 40, 2):
        change_line(path, line, text)  # 20 of 400: as many as may be
    assert len(raw.load(path).acc) == 380
    change_line(path, 99, text)
    with pytest.raises(UserError, match="line 7: "):
        raw.load(path)


@pytest.mark.parametrize(
    "header, said",
    [
        ("time_s,x,y,z", "names no unit"),
        ("time_s,x_feet,y_feet,z_feet", "unit feet is not known"),
        ("time,x_mg,y_mg,z_mg", "names no unit"),
        ("step,x_mg,y_mg,z_mg", "names no time"),
        ("time_s,x_mg,y_mg,w_mg", "names no z axis"),
        ("0.0,1,2", "names no time"),
    ],
)
def test_a_header_that_leaves_something_open_is_refused_with_an_example(tmp_path, header, said):
    with pytest.raises(UserError, match=said) as error:
        raw.load(csv_of(tmp_path / "a.csv", header))
    assert "time_s,x_mg,y_mg,z_mg" in str(error.value)


def test_a_gap_in_time_is_a_break_and_said(tmp_path):
    path = csv_of(tmp_path / "a.csv", size=300.0)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:200] + lines[210:]))
    recording = raw.load(path)
    (gap,) = recording.breaks
    assert gap.sample == 199 and gap.missing_s == pytest.approx(0.10, abs=1e-6)
    assert recording.length_s == pytest.approx(4.0, abs=1e-6)
    assert recording.gaps_s() == [pytest.approx((1.99, 2.09), abs=1e-6)]
    assert [note.code for note in recording.notes] == ["gaps"]


@pytest.mark.parametrize("missing", [2, 4, 6, 30])
def test_a_seam_shorter_than_a_twentieth_of_a_second_is_no_gap(tmp_path, missing):
    path = csv_of(tmp_path / "a.csv", size=300.0)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:200] + lines[200 + missing :]))
    assert len(raw.load(path).breaks) == (missing > 5)


def test_one_time_that_is_wrong_moves_no_other(tmp_path):
    path = csv_of(tmp_path / "a.csv", size=300.0)
    change_line(path, 51, "0.48,300,0,300")
    change_line(path, 91, "999.0,300,0,300")
    recording = raw.load(path)
    assert recording.breaks == () and recording.odr_hz == pytest.approx(100, rel=1e-3)


def test_time_that_does_not_go_forward_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_s,x_mg,y_mg,z_mg\n" + "5,0,0,1000\n" * 500)
    with pytest.raises(UserError, match="time does not go forward"):
        raw.load(path)


@pytest.mark.parametrize("odr_hz", [5.0, 20.0, 400.0])
def test_a_rate_no_detector_was_made_for_is_refused(tmp_path, odr_hz):
    path = tmp_path / "a.npz"
    np.savez(path, acc=counts(6000), mg_per_lsb=0.122, odr_hz=odr_hz)
    with pytest.raises(UserError, match="25 to 208 Hz, so resample"):
        raw.load(path)
    with pytest.raises(UserError, match="25 to 208 Hz, so resample"):
        raw.load(csv_of(tmp_path / "a.csv", n=3000, hz=odr_hz))


def test_values_in_the_wrong_unit_are_noticed(tmp_path):
    path = csv_of(tmp_path / "a.csv", "time_s,x_g,y_g,z_g", size=1000.0)
    with pytest.raises(UserError, match="check the unit in the header"):
        raw.load(path)


@pytest.mark.parametrize("key", ["acc", "mg_per_lsb", "odr_hz"])
def test_a_missing_key_is_named(tmp_path, key):
    fields = dict(acc=counts(), mg_per_lsb=0.122, odr_hz=104.0)
    del fields[key]
    np.savez(tmp_path / "a.npz", **fields)
    with pytest.raises(UserError, match=f"has no {key}; store"):
        raw.load(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "change, said",
    [
        (dict(acc=counts().astype(float)), "acc is float64; store raw counts as int16"),
        (dict(acc=counts().astype(np.int32)), "acc is int32"),
        (dict(acc=counts()[:, :2]), r"shape \(600, 2\)"),
        (dict(acc=counts().reshape(-1)), r"shape \(1800,\)"),
        (dict(odr_hz=np.nan), "odr_hz is not one finite number"),
        (dict(odr_hz=[104.0, 104.0]), "odr_hz is not one finite number"),
        (dict(odr_hz="104"), "odr_hz is not one finite number"),
        (dict(mg_per_lsb=0.0), "mg_per_lsb is 0"),
        (dict(mg_per_lsb=-0.122), "mg_per_lsb is -0.122"),
        (dict(acc=counts(200)), "shorter than the detector's warm-up"),
        (dict(acc=counts(0)), "shorter than the detector's warm-up"),
    ],
)
def test_bad_npz_contents_are_refused_in_a_sentence(tmp_path, change, said):
    np.savez(tmp_path / "a.npz", **(dict(acc=counts(), mg_per_lsb=0.122, odr_hz=104.0) | change))
    with pytest.raises(UserError, match=said) as error:
        raw.load(tmp_path / "a.npz")
    assert str(error.value).count("\n") == 0


def test_an_npz_says_how_much_it_holds_before_it_is_unpacked(tmp_path, monkeypatch):
    assert raw.MOST_UNPACKED_BYTES == 2 * 1024**3
    np.savez_compressed(tmp_path / "a.npz", acc=counts(), mg_per_lsb=0.122, odr_hz=104.0)
    with np.load(tmp_path / "a.npz") as stored:
        held = sum(each.file_size for each in stored.zip.infolist())
    monkeypatch.setattr(raw, "MOST_UNPACKED_BYTES", held)
    assert len(raw.load(tmp_path / "a.npz").acc)
    monkeypatch.setattr(raw, "MOST_UNPACKED_BYTES", held - 1)
    with pytest.raises(UserError, match="over 2 GB"):
        raw.load(tmp_path / "a.npz")


def test_unreadable_files_are_refused_in_a_sentence(tmp_path):
    raw.save(tmp_path / "cut.npz", raw.Recording(counts(), 0.122, 104.0))
    data = (tmp_path / "cut.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(data[: len(data) // 2])
    (tmp_path / "noise.bin").write_bytes(bytes(range(128, 256)) * 20)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("time_s,x_mg,y_mg,z_mg\n")
    np.savez(tmp_path / "objects.npz", acc=np.array([{}]), mg_per_lsb=1, odr_hz=100)
    for name in ("cut.npz", "noise.bin", "empty.csv", "header.csv", "objects.npz", "none", "."):
        with pytest.raises(UserError) as error:
            raw.load(tmp_path / name)
        assert len(str(error.value)) > 30 and "\n" not in str(error.value)


def test_the_command_refuses_with_the_same_sentence(tmp_path):
    path = csv_of(tmp_path / "a.csv", "time_s,x,y,z")
    result = CliRunner().invoke(replay, [str(path)])
    assert isinstance(result.exception, UserError)
    assert "names no unit" in str(result.exception)


def test_every_packaged_recording_loads_and_its_source_is_named():
    text = (recordings.FOLDER / "ATTRIBUTION.md").read_text()
    paths = recordings.paths()
    assert "paradigma_wrist_100hz.npz" in [path.name for path in paths]
    for path in paths:
        recording = raw.load(path)
        assert path.name in text
        # a limb under gravity: half of the time within 10 % of 1 g, or of what that sensor reads
        length_mg = np.linalg.norm(recording.acc * recording.mg_per_lsb, axis=1)
        if "jogging" not in path.name and "walking" not in path.name:
            assert 900 < np.median(length_mg) < 1100
    assert sum(path.stat().st_size for path in paths) < 3e6


def test_a_packaged_recording_can_be_felt_by_the_virtual_band():
    recording = raw.load(recordings.FOLDER / "paradigma_wrist_100hz.npz")
    source = RecordingSource(recording)
    assert source.hours == pytest.approx(recording.length_s / 3600)
    felt = source.accel_mg(1.0, 1 / recording.odr_hz, 50)
    assert np.allclose(felt, recording.acc[100:150] * recording.mg_per_lsb)


def test_what_is_beyond_all_counts_is_the_largest_of_its_sign():
    acc_mg = np.tile([10.0, -20.0, 1000.0], (50, 1))
    acc_mg[7] = [-1e6, 1e6, 49_999]
    acc, mg_per_lsb = counts_of(acc_mg, "x.csv")
    assert mg_per_lsb == 1.563  # 50 g lie at 32 000 counts
    assert acc[7].tolist() == [-32768, 32767, round(49_999 / 1.563)]
    assert acc[8].tolist() == [6, -13, 640]


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n  \n\t\n"])
def test_blank_lines_at_the_end_of_a_table_are_no_samples(tmp_path, end):
    path = tmp_path / "a.csv"
    rows = [f"{i / 100},{i % 7},{-i % 5},{1000 + i % 3}" for i in range(400)]
    path.write_text("time_s,x_mg,y_mg,z_mg\n" + "\n".join(rows) + end)
    found = raw.load(path)
    assert len(found.acc) == 400 and not [note for note in found.notes if note.code == "rows_lost"]
