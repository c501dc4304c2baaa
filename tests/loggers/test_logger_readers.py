"""What loggers write is read as it was: samples, true rate, start, what is damaged and missing."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import logger_files as files
import numpy as np
import pytest
from click.testing import CliRunner
from notturno import recordings
from notturno.cli.replay import command as replay
from notturno.detect import recording as recorded
from notturno.errors import UserError
from notturno.loggers.load import load
from notturno.loggers.replayed import replayed

G_MG = 1000.0


def put(path, data):
    path.write_bytes(data)
    return path


def jerks_s(loaded):
    found = replayed(loaded).events
    return [
        e["onset_s"] for e in found if e["kind"] == "jerk" and set(e["flags"]) <= {"after_gap"}
    ]


def codes(loaded):
    return [note.code for note in loaded.recording.notes]


@pytest.mark.parametrize(
    ("form", "mg_per_lsb", "code"),
    [("packed", 3.90625, 0x4A), ("three", 1000 / 8192, 0x8A), ("six", 1000 / 8192, 0x8A)],
)
def test_an_axivity_file_is_read_as_it_was_written(tmp_path, form, mg_per_lsb, code):
    acc = files.counts_of(files.limb_mg(), mg_per_lsb)[:5760]
    loaded = load(put(tmp_path / "a.cwa", files.cwa(acc, form=form, code=code)))
    whole = loaded.recording
    assert np.array_equal(whole.acc, acc)
    assert whole.mg_per_lsb == pytest.approx(mg_per_lsb)
    assert whole.odr_hz == pytest.approx(100, rel=1e-4)
    assert whole.start_local_s == pytest.approx(files.START_S, abs=0.01)
    assert whole.breaks == () and whole.start_utc_s is None
    assert loaded.format == ("Axivity AX6 .cwa" if form == "six" else "Axivity AX3 .cwa")


def test_large_samples_of_a_packed_block_keep_their_size_and_sign(tmp_path):
    acc = files.counts_of(files.limb_mg(), 3.90625)[:5760]
    acc[700:705] = [
        [2000, -2000, 256],
        [-2048, 1024, 8],
        [1023, -1024, 0],
        [512, 511, -513],
        [3, 4, 5],
    ]
    kept = load(put(tmp_path / "a.cwa", files.cwa(acc))).recording.acc[700:705]
    assert np.abs(kept.astype(int) - acc[700:705]).max() <= 7  # what the exponent takes
    assert (np.sign(kept) == np.sign(acc[700:705])).all() or kept[1, 2] == 8
    assert kept[0].tolist() == [2000, -2000, 256] and kept[4].tolist() == [3, 4, 5]


@pytest.mark.parametrize("true_hz", [97.7, 100.0, 102.3])
def test_the_true_rate_is_measured_and_not_taken_from_the_header(tmp_path, true_hz):
    acc = files.counts_of(files.limb_mg(120), 1000 / 8192)
    data = files.cwa(acc, form="three", code=0x8A, true_hz=true_hz)
    assert load(put(tmp_path / "a.cwa", data)).recording.odr_hz == pytest.approx(true_hz, rel=1e-4)


def test_lost_blocks_are_a_gap_and_the_jerks_behind_it_keep_their_time(tmp_path):
    acc = files.counts_of(files.limb_mg(60, jerks=(10, 50)), 1000 / 8192)
    data = files.cwa(acc, form="three", code=0x8A, lost=(30, 31, 32))
    loaded = load(put(tmp_path / "a.cwa", data))
    (gap,) = loaded.recording.breaks
    assert gap.sample == 30 * 80 and gap.missing_s == pytest.approx(2.4, abs=0.02)
    assert jerks_s(loaded) == [pytest.approx(10, abs=0.1), pytest.approx(50, abs=0.1)]
    flags = [e["flags"] for e in replayed(loaded).events if e["kind"] == "jerk"]
    assert flags == [[], ["after_gap"]]
    assert codes(loaded) == ["gaps"]


def test_a_block_with_a_flipped_bit_is_left_out_and_said(tmp_path):
    acc = files.counts_of(files.limb_mg(), 1000 / 8192)
    data = bytearray(files.cwa(acc, form="three", code=0x8A))
    data[1024 + 512 * 40 + 100] ^= 4
    loaded = load(put(tmp_path / "a.cwa", bytes(data)))
    assert codes(loaded) == ["blocks_lost", "gaps"]
    assert len(loaded.recording.acc) == 6000 - 80
    assert loaded.recording.breaks[0].missing_s == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("step_s", [-30, -1])
def test_a_clock_that_steps_back_is_said_and_time_counts_on(tmp_path, step_s):
    acc = files.counts_of(files.limb_mg(60, jerks=(10, 50)), 1000 / 8192)
    first = files.cwa(acc[:2400], form="three", code=0x8A)
    later = files.START + timedelta(seconds=24 + step_s)
    data = first + files.cwa(acc[2400:], form="three", code=0x8A, start=later)[1024:]
    loaded = load(put(tmp_path / "a.cwa", data))
    assert codes(loaded) == ["clock_back"]
    assert loaded.recording.length_s == pytest.approx(60, abs=0.1)
    assert jerks_s(loaded) == [pytest.approx(10, abs=0.1), pytest.approx(50, abs=0.1)]


@pytest.mark.parametrize(("code", "range_g"), [(0x0A, 16), (0x4A, 8), (0x8A, 4), (0xCA, 2)])
def test_a_range_below_the_bands_and_coarse_counts_are_marked(tmp_path, code, range_g):
    acc = files.counts_of(files.limb_mg(), 3.90625)
    marks = codes(load(put(tmp_path / "a.cwa", files.cwa(acc, code=code))))
    assert ("range" in marks) == (range_g < 4)
    assert "coarse" in marks


@pytest.mark.parametrize(("mg_per_lsb", "coarse"), [(2.5, False), (2.6, True)])
def test_counts_are_coarse_beyond_the_detectors_least_threshold(tmp_path, mg_per_lsb, coarse):
    """2500 ug of high-passed acceleration begin a jerk (jerk_on_ug)."""
    acc = files.counts_of(files.limb_mg(jerks=()), mg_per_lsb)
    recorded.save(tmp_path / "a.npz", recorded.Recording(acc, mg_per_lsb, 100.0))
    loaded = load(tmp_path / "a.npz")
    assert ("coarse" in codes(loaded)) is coarse
    assert loaded.settings == ({"not_worn_minutes": 65535} if coarse else {})


@pytest.mark.parametrize(("hz", "code"), [(12.5, 0x47), (400.0, 0x4C)])
def test_a_rate_that_the_detector_was_not_made_for_is_refused(tmp_path, hz, code):
    acc = files.counts_of(files.limb_mg(120, hz=hz), 3.90625)
    with pytest.raises(UserError, match="25 to 208 Hz"):
        load(put(tmp_path / "a.cwa", files.cwa(acc, hz=hz, code=code)))


@pytest.mark.parametrize("kind", [0, 26, 27])
def test_an_actigraph_file_is_read_as_it_was_written(tmp_path, kind):
    acc = files.counts_of(files.limb_mg(hz=30), 1000 / 256)
    loaded = load(put(tmp_path / "a.gt3x", files.gt3x(acc, kind=kind)))
    assert np.array_equal(loaded.recording.acc, acc)
    assert loaded.recording.mg_per_lsb == pytest.approx(1000 / 256)
    assert loaded.recording.odr_hz == pytest.approx(30)
    assert loaded.recording.start_local_s == files.START_S


@pytest.mark.parametrize(
    ("serial", "scale", "parameters", "counts_a_g"),
    [("NEO1", None, False, 341), ("MOS2", None, False, 256), ("XYZ", 512.0, True, 256)],
)
def test_the_scale_is_the_parameters_else_the_infos_else_the_serial_numbers(
    tmp_path, serial, scale, parameters, counts_a_g
):
    acc = files.counts_of(files.limb_mg(hz=30), 1000 / counts_a_g)
    data = files.gt3x(acc, scale=scale, serial=serial, parameters=parameters)
    got = load(put(tmp_path / "a.gt3x", data)).recording.mg_per_lsb
    assert got == pytest.approx(1000 / counts_a_g)


def test_the_older_actigraph_file_is_one_run_from_its_start(tmp_path):
    acc = files.counts_of(files.limb_mg(hz=30), 1000 / 341)
    log = files.twelve(acc[:, [1, 0, 2]].reshape(-1))
    data = files.gt3x_of(log, scale=None, serial="NEO1", inner="activity.bin")
    loaded = load(put(tmp_path / "a.gt3x", data))
    assert np.array_equal(loaded.recording.acc, acc)
    assert loaded.recording.start_local_s == files.START_S


def test_seconds_that_are_missing_without_idle_mode_are_a_gap(tmp_path):
    acc = files.counts_of(files.limb_mg(hz=30), 1000 / 256)
    loaded = load(put(tmp_path / "a.gt3x", files.gt3x(acc, missing=(30, 31, 32))))
    assert loaded.recording.gaps_s() == [pytest.approx((30, 33), abs=1e-6)]
    assert loaded.flat == () and loaded.not_worn == ()  # 3.9 mg: coarse


@pytest.mark.parametrize(("minutes", "worn"), [(80, True), (100, False)])
def test_idle_mode_is_stillness_and_only_for_long_a_strap_without_a_limb(tmp_path, minutes, worn):
    hz, idle_s = 30, minutes * 60
    mg = files.limb_mg(600 + idle_s + 600, hz=hz, jerks=(100, 700 + idle_s))
    acc = files.counts_of(mg, 1000 / 256)
    data = files.gt3x(acc, hz=hz, idle=((600, 600 + idle_s),))
    loaded = load(put(tmp_path / "a.gt3x", data))
    assert loaded.recording.breaks == ()
    assert loaded.recording.length_s == pytest.approx(1200 + idle_s, abs=1)
    assert loaded.flat == (pytest.approx((600, 600 + idle_s), abs=1),)
    found = replayed(loaded).events
    off = [e for e in found if e["kind"] == "not_worn"]
    assert (off == []) == worn
    if not worn:
        assert off[0]["onset_s"] == pytest.approx(600, abs=1)
        assert off[0]["duration_s"] == pytest.approx(idle_s, abs=1)
    after = [e for e in found if e["kind"] == "jerk" and abs(e["onset_s"] - 700 - idle_s) < 0.2]
    assert after and "vibration" not in after[0]["flags"]


def test_a_sleeping_wrist_that_its_logger_held_flat_was_worn():
    """The detector's own rule calls two of its four hours not worn."""
    loaded = load(recordings.ASLEEP)
    kinds = [e["kind"] for e in replayed(loaded).events]
    assert "not_worn" not in kinds
    assert sum(b - a for a, b in loaded.flat) / 3600 == pytest.approx(2.8, abs=0.1)


@pytest.mark.parametrize(("minutes", "worn"), [(80, True), (100, False)])
def test_counts_too_coarse_for_a_breath_need_an_hour_and_a_half_of_stillness(
    tmp_path, minutes, worn
):
    """A sensor of 3.9 mg a count, seldom flat for its noise; a limb before and after."""
    still_s = minutes * 60
    mg = files.limb_mg(1200 + still_s, hz=25, jerks=(), noise_mg=3)
    rng = np.random.default_rng(2)
    for part in (slice(0, 600 * 25), slice((600 + still_s) * 25, None)):
        mg[part] += np.repeat(rng.normal(0, 60, (len(mg[part]) // 25, 3)), 25, axis=0)
    acc = files.counts_of(mg, 3.90625)
    path = tmp_path / "a.npz"
    recorded.save(path, recorded.Recording(acc, 3.90625, 25.0))
    off = [e for e in replayed(load(path)).events if e["kind"] == "not_worn"]
    assert (off == []) == worn
    if not worn:
        assert off[0]["onset_s"] == pytest.approx(600, abs=11)
        assert off[0]["duration_s"] == pytest.approx(still_s, abs=21)


@pytest.mark.parametrize("minutes", [30, 95])
def test_fine_counts_that_stand_still_are_no_limb_after_an_hour_and_a_half(tmp_path, minutes):
    acc = files.counts_of(files.limb_mg(1200 + 60 * minutes, hz=25, jerks=()), 0.488)
    path = tmp_path / "a.npz"
    recorded.save(path, recorded.Recording(acc, 0.488, 25.0))
    assert load(path)[2:] == ((), None, {}), "the detector judges by itself"
    acc[600 * 25 : (600 + 60 * minutes) * 25] = 1183  # 1 g, along all three axes alike
    recorded.save(path, recorded.Recording(acc, 0.488, 25.0))
    span = (pytest.approx((600, 600 + 60 * minutes), abs=1),)
    off = span if minutes > 90 else ()
    assert load(path)[2:] == (span, off, {"not_worn_minutes": 65535})


def test_a_geneactiv_file_is_read_by_its_own_calibration(tmp_path):
    mg = files.limb_mg()
    gains, offsets = (25600, 25000, 26100), (120, -340, 560)
    raw = np.round((mg / 1000 * gains + offsets) / 100).astype(int)
    loaded = load(put(tmp_path / "a.bin", files.geneactiv(raw, gains=gains, offsets=offsets)))
    whole = loaded.recording
    assert len(whole.acc) == 6000 and loaded.format == "GENEActiv .bin"
    assert np.abs(whole.acc * whole.mg_per_lsb - mg).max() < 3
    assert whole.odr_hz == pytest.approx(100, rel=1e-3)
    assert whole.start_local_s == pytest.approx(files.START_S, abs=0.01)
    assert codes(loaded) == []


def test_lost_pages_are_a_gap_and_a_damaged_one_is_said(tmp_path):
    raw = np.round(files.limb_mg(90) / 3.90625).astype(int)
    data = files.geneactiv(raw, lost=(10, 11))
    assert load(put(tmp_path / "a.bin", data)).recording.breaks[0].missing_s == pytest.approx(
        6, abs=0.1
    )
    at = data.index(b"Page Time:", len(data) // 2)
    hexes = data.index(b"Frequency:100.0\r\n", at) + 17
    loaded = load(put(tmp_path / "b.bin", data[:hexes] + b"?" * 600 + data[hexes + 600 :]))
    assert codes(loaded)[0] == "blocks_lost"


def test_a_matrix_file_is_read_and_a_packet_whose_crc_is_wrong_is_a_gap(tmp_path):
    acc = files.counts_of(files.limb_mg(300), 8000 / 32768)
    loaded = load(put(tmp_path / "a.BIN", files.matrix(acc)))
    assert np.array_equal(loaded.recording.acc, acc) and codes(loaded) == []
    assert loaded.recording.odr_hz == pytest.approx(100, rel=1e-3)
    loaded = load(put(tmp_path / "b.BIN", files.matrix(acc, broken=(2,))))
    assert codes(loaded) == ["blocks_lost", "gaps"]
    assert loaded.recording.gaps_s() == [pytest.approx((120, 180), abs=1.1)]


@pytest.mark.parametrize("big", [False, True])
def test_a_movisens_folder_is_read_by_what_its_index_says(tmp_path, big):
    acc = files.counts_of(files.limb_mg(hz=64), 1000 / 2048)
    folder = files.movisens(tmp_path / "rec", acc, big=big)
    for path in (folder, folder / "unisens.xml", folder / "acc.bin"):
        loaded = load(path)
        assert np.array_equal(loaded.recording.acc, acc)
        assert loaded.recording.odr_hz == pytest.approx(64)
        assert loaded.recording.start_local_s == files.START_S
    (folder / "unisens.xml").write_text("<unisens/>")
    with pytest.raises(UserError, match=r"names no acc\.bin"):
        load(folder)


@pytest.mark.parametrize("kind", ["seconds", "stamps", "stamps with a zone"])
def test_a_table_in_parquet_means_what_the_same_csv_means(tmp_path, kind):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    mg = files.limb_mg()
    at = np.arange(len(mg)) * 10_000
    time = pa.array(at / 1e6)
    name = "time_s"
    if kind != "seconds":
        zone = "UTC" if "zone" in kind else None
        time, name = pa.array(at + int(files.START_S * 1e6), pa.timestamp("us", zone)), "time"
    columns = {name: time} | {f"{a} (m/s^2)": mg[:, k] * 9.80665e-3 for k, a in enumerate("xyz")}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    loaded = load(tmp_path / "a.parquet")
    assert np.abs(loaded.recording.acc * loaded.recording.mg_per_lsb - mg).max() < 0.2
    assert loaded.recording.odr_hz == pytest.approx(100)
    start = {"seconds": (None, None), "stamps": (None, files.START_S)}
    got = (loaded.recording.start_utc_s, loaded.recording.start_local_s)
    assert got == start.get(kind, (files.START_S, None))
    assert jerks_s(loaded) == [pytest.approx(20, abs=0.1), pytest.approx(40, abs=0.1)]


def test_a_format_is_told_by_its_bytes_and_not_by_its_name(tmp_path):
    acc = files.counts_of(files.limb_mg(), 1000 / 8192)
    loaded = load(put(tmp_path / "a.csv", files.cwa(acc, form="three", code=0x8A)))
    assert loaded.format.startswith("Axivity")
    for suffix in (".cwa", ".gt3x", ".bin"):
        with pytest.raises(UserError, match="does not begin as|is no .gt3x"):
            load(put(tmp_path / f"b{suffix}", b"nothing of the kind" * 100))


def test_a_limb_that_lay_every_way_calibrates_the_sensor(tmp_path):
    rng = np.random.default_rng(3)
    ways = rng.normal(size=(60, 3))
    ways *= 1000 / np.linalg.norm(ways, axis=1)[:, None]
    true_mg = np.repeat(ways, 400, axis=0) + rng.normal(0, 1, (24000, 3))
    mg = (true_mg - [30, -20, 15]) / [1.03, 0.98, 1.01]
    path = tmp_path / "a.npz"
    recorded.save(path, recorded.Recording(files.counts_of(mg, 0.122), 0.122, 100.0))
    loaded = load(path)
    assert "calibrated" in codes(loaded)
    got_mg = loaded.recording.acc * loaded.recording.mg_per_lsb
    assert np.abs(got_mg - true_mg).mean() < 3 < np.abs(mg - true_mg).mean()


REAL = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.skipif(not REAL.is_dir(), reason="the public files are not here")
@pytest.mark.parametrize(
    ("name", "as_decoded"),
    [
        ("GGIRread/ax3_testfile.cwa", "ggirread_axivity_99hz"),
        ("skdh/ax3_sample.cwa", "skdh_axivity_197hz"),
        ("paradigma/axivity/test_data.CWA", "paradigma_axivity_100hz"),
        ("GGIRread/mtx_100Hz_acc_HR_temp.BIN", "ggirread_matrix_102hz"),
        ("GGIRread/mtx_25Hz_acc_HR.BIN", "ggirread_matrix_26hz"),
    ],
)
def test_public_files_are_read_as_another_reader_decoded_them(name, as_decoded):
    ours = load(REAL / name).recording
    other = recorded.load(recordings.FOLDER / f"{as_decoded}.npz")
    assert ours.odr_hz == pytest.approx(other.odr_hz, rel=1e-3)
    size = min(len(ours.acc), len(other.acc))
    assert abs(len(ours.acc) - len(other.acc)) < 200
    mine, theirs = (r.acc[:size] * r.mg_per_lsb for r in (ours, other))
    assert np.abs(np.median(mine, axis=0) - np.median(theirs, axis=0)).max() < 5
    assert np.abs(mine.std(axis=0) - theirs.std(axis=0)).max() < 5


@pytest.mark.skipif(not REAL.is_dir(), reason="the public files are not here")
def test_public_files_with_corrupt_blocks_show_their_gap():
    name = "ax3_testfile_corrupt_blocks_0_13_14_142_143_144.cwa"
    loaded = load(REAL / "GGIRread" / name)
    assert loaded.recording.notes[0].n == 6
    assert [round(b - a, 1) for a, b in loaded.recording.gaps_s()] == [2.4]


def test_the_command_says_on_the_side_what_was_lost(tmp_path):
    acc = files.counts_of(files.limb_mg(), 1000 / 8192)
    path = put(tmp_path / "a.cwa", files.cwa(acc, form="three", code=0x8A, lost=(30,)))
    result = CliRunner().invoke(replay, [str(path), "--json"], catch_exceptions=False)
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [e["onset_s"] for e in events if e["kind"] == "jerk"][-1] == pytest.approx(40, abs=0.1)
    assert "a.cwa: 1 gap of 0.80 s is not recorded time." in result.stderr


def test_a_zip_of_something_else_is_refused_in_words(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UserError, match="no npz that can be read|has no acc"):
        load(tmp_path / "a.zip")
