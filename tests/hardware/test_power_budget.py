"""The power budget gives the figures that were computed by hand."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
sys.path.append(str(HARDWARE))
import power_budget as pb  # noqa: E402

C1 = pb.Design(flash_syncs_per_h=0)


def test_a_drain_of_416_words_takes_65_ms_on_the_wire_and_69_in_seven_transfers():
    assert pb.wire_s(C1) == pytest.approx(0.0655, abs=5e-5)
    assert pb.read_s(C1) == pytest.approx(0.0690, abs=5e-5)
    assert pb.drain_period_s(C1) == 4.0


def test_a_transfer_of_50_ms_holds_2222_bytes():
    assert pb.i2c_max_bytes(0.05, 400_000) == 2222
    assert C1.chunk_words * C1.word_bytes < 2222 < C1.fifo_words * C1.word_bytes


def test_deep_sleep_pays_beyond_21_s_with_a_stock_start_and_2_5_s_with_a_frozen_one():
    assert pb.breakeven_s(26.5, 1.3, 0.043) == pytest.approx(21.1, abs=0.05)
    assert pb.breakeven_s(3.2, 1.3, 0.043) == pytest.approx(2.5, abs=0.05)


@pytest.mark.parametrize(
    "changes, ma, night, cells",
    [
        ({}, 2.6, 23, (48, 144, 336)),
        ({"sample_s": 500e-6}, 4.7, 42, (72, 215, 501)),
        ({"sample_s": 500e-6, "sleep_ma": 2.5}, 5.8, 52, (84, 252, 589)),
        ({"odr_hz": 52.0}, 2.1, 19, (42, 126, 294)),
        ({"boot_mc": 26.5, "sleep_ma": 0.043}, 7.9, 72, (108, 324, 757)),
        ({"boot_mc": 3.2, "sleep_ma": 0.043}, 2.1, 19, (43, 128, 298)),
    ],
)
def test_the_cases_of_the_budget(changes, ma, night, cells):
    design = replace(C1, **changes)
    assert pb.average_ma(design) == pytest.approx(ma, abs=0.06)
    assert pb.night_mah(design) == pytest.approx(night, abs=0.7)
    assert pb.radio_mah(design) == 15
    assert [pb.needed_mah(design, n) for n in (1, 3, 7)] == pytest.approx(cells, rel=0.015)


def test_a_drain_longer_than_its_period_is_refused():
    with pytest.raises(ValueError, match="awake all the time"):
        pb.average_ma(replace(C1, sample_s=0.02))


def test_the_firmwares_watermark_leaves_two_seconds_for_flash_and_radio():
    import config

    design = pb.design_of(pb.load_board("xiao_esp32s3"))
    assert design.watermark == config.WATERMARK and design.odr_hz == config.ODR_HZ
    assert pb.margin_s(design) > 2.0


@pytest.mark.parametrize("name", ["xiao_esp32s3", "xiao_esp32c3"])
def test_the_cell_lasts_three_nights_with_typical_figures(name):
    board = pb.load_board(name)
    assert pb.nights_of(pb.design_of(board), board["cell_mah"]["value"]) >= 3


def test_the_table_prints_and_says_that_it_is_an_estimate():
    run = subprocess.run(
        [sys.executable, str(HARDWARE / "power_budget.py")], capture_output=True, text=True
    )
    assert run.returncode == 0
    assert "not measured" in run.stdout and "xiao_esp32c3" in run.stdout


S3, DSOX = pb.load_board("xiao_esp32s3"), pb.load_chip("lsm6dsox")


def day(night_h=9.0, radio_idle_s=150, radio_connected_s=30, board=S3, chip=DSOX, **changes):
    design = replace(pb.design_of(board, chip=chip), **changes)
    return pb.ledger_of(design, night_h, radio_idle_s, radio_connected_s)


def test_recording_all_day_with_one_press_costs_73_mah():
    """Undocked means recording, and a press keeps the radio on for ten minutes."""
    ledger = day(24 - 1 / 6, 600, 0)
    total = pb.day_mah(S3, DSOX, ledger)["total"]
    assert total == pytest.approx(72.7, abs=0.6)
    by_formulas = 24 * pb.average_ma(pb.design_of(S3)) + 15
    assert total == pytest.approx(by_formulas, abs=0.6) and by_formulas == pytest.approx(
        72.59, abs=0.1
    )


def test_a_night_of_9_h_and_deep_sleep_costs_27_mah_a_day():
    lines = pb.day_mah(S3, DSOX, day())
    assert lines["total"] == pytest.approx(27.4, abs=0.1)
    # By hand: 53.5 ms in 2.346 s for 9 h at 36.8 mA; 1.3 mA beside; 3 min at 90 mA; then asleep.
    assert lines["awake, radio off"] == pytest.approx(7.55, abs=0.02)
    assert lines["light sleep"] == pytest.approx(11.43, abs=0.02)
    assert lines["radio on, waiting"] + lines["radio on, connected"] == pytest.approx(4.5)
    assert lines["deep sleep"] == pytest.approx(14.95 * 0.0119, abs=0.001)
    assert lines["sensor"] == pytest.approx(9 * 0.17 + 15 * 0.003, abs=0.001)
    assert lines["flash"] == pytest.approx(0.45, abs=0.001)
    assert lines["always: dividers, regulators"] == pytest.approx(1.68, abs=0.001)
    assert sum(v for k, v in lines.items() if k != "total") == pytest.approx(lines["total"])
    assert pb.cell_mah(lines["total"], 7) == pytest.approx(240, abs=1)
    assert pb.days_of(lines["total"], 250) == 7


def test_the_worst_figures_cost_more_on_every_line_that_has_a_range():
    typical, worst = (pb.day_mah(S3, DSOX, day(), which) for which in ("value", "high"))
    assert all(worst[line] >= typical[line] for line in typical)
    assert worst["light sleep"] == pytest.approx(typical["light sleep"] * 2.5 / 1.3)


def test_a_board_that_cannot_rest_deep_pays_for_its_day():
    deep = pb.ledger_of(pb.design_of(S3), 9, 150, 30)
    light = pb.ledger_of(pb.design_of(S3), 9, 150, 30, rests_deep=False)
    costs = [pb.day_mah(S3, DSOX, ledger)["total"] for ledger in (deep, light)]
    assert costs[1] - costs[0] == pytest.approx(14.95 * (1.3 - 0.0119), abs=0.01)


def test_computing_is_what_was_counted_times_what_is_estimated():
    sample_s, drain_s = pb.computing_s()
    assert sample_s == pytest.approx(415 * 2.0 / 80e6)
    assert drain_s == pytest.approx(3700 * 120 / 80e6)
    slow = pb.computing_s("high")
    assert slow == pytest.approx((415 * 4.0 / 80e6, 3700 * 240 / 80e6))
    design = pb.design_of(S3, "high")
    assert (design.sample_s, design.drain_s) == slow
    assert design.active_ma == pytest.approx(50 * 0.9) and pb.design_of(S3).active_ma == 46 * 0.8


def test_a_start_costs_its_charge():
    ledger = {**day(), "starts": 100}
    assert pb.day_mah(S3, DSOX, ledger)["starts"] == pytest.approx(100 * 26.5 / 3600)


def test_a_ledger_of_a_longer_run_is_brought_to_a_day():
    ledger = day()
    two_days = {key: 2 * value for key, value in ledger.items()}
    assert pb.day_mah(S3, DSOX, two_days) == pytest.approx(pb.day_mah(S3, DSOX, ledger))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"deep_sleep_s": 0}, "awake and asleep"),
        ({"radio_idle_s": 30000}, "while the band slept"),
        ({"flash_writes": -1}, "negative"),
        ({"imu_on_s": 90000}, "longer than the day"),
    ],
)
def test_what_is_no_day_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        pb.day_mah(S3, DSOX, {**day(), **change})


def test_rounding_is_forgiven_and_a_minute_is_not():
    ledger = day()
    pb.check_ledger({**ledger, "deep_sleep_s": ledger["deep_sleep_s"] + 40})
    with pytest.raises(ValueError, match="awake and asleep are 86490 s, not 86400"):
        pb.check_ledger({**ledger, "deep_sleep_s": ledger["deep_sleep_s"] + 90})


@pytest.mark.parametrize(
    ("name", "watermark"),
    [("lsm6dsox", 244), ("bmi270", 162), ("mpu6886", 61), ("lis3dh", 15), ("lsm6ds3trc", 244)],
)
def test_a_chips_fifo_limits_the_samples_between_drains(name, watermark):
    chip = pb.load_chip(name)
    assert pb.watermark_for(chip) == watermark
    design = pb.design_of(S3, chip=chip)
    assert design.watermark == watermark
    assert pb.margin_s(design) > 0.4 * design.fifo_words / design.odr_hz


def test_with_the_reference_chip_a_design_is_the_same_with_and_without_its_description():
    assert pb.design_of(S3, chip=DSOX) == pb.design_of(S3)


def test_what_a_virtual_band_computed_in_no_time_is_charged():
    rows = {
        "all_s": 7200.0,
        "awake_s": 100.0,
        "light_sleep_s": 3500.0,
        "deep_sleep_s": 3600.0,
        "radio_idle_s": 20.0,
        "radio_connected_s": 5.0,
        "imu_on_s": 3600.0,
        "flash_writes": 60,
        "starts": 2,
        "light_sleeps": 1500,
    }
    ledger = pb.ledger_of_band(rows, pb.design_of(S3))
    # by hand: 5 ms of waking and 5.55 ms of Python, 10.375 us a sample in machine code
    busy_s = 1500 * 0.01055 + 3600 * 104 * 10.375e-6  # 19.7 s
    assert ledger["awake_s"] == pytest.approx(100 + busy_s)
    assert ledger["light_sleep_s"] == pytest.approx(3500 - busy_s)
    assert ledger["day_s"] == 7200 and ledger["starts"] == 2 and "light_sleeps" not in ledger
    lines = pb.day_mah(S3, DSOX, ledger)
    assert lines["awake, radio off"] == pytest.approx((75 + busy_s) * 46 * 0.8 / 3600 * 12)


def test_a_ledger_in_a_file_is_priced_on_every_board(tmp_path):
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day()))
    run = subprocess.run(
        [sys.executable, str(HARDWARE / "power_budget.py"), str(path)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    part = run.stdout.split("xiao_esp32s3")[1]
    assert "27.37" in part and "239" in part and "492" in part and "not measured" in run.stdout
    assert len(run.stdout.split("cell for 7 nights")) == 1 + len(list(pb.BOARDS.glob("*.json")))
