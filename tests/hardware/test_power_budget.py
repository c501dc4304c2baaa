"""The power budget gives the figures that were computed by hand."""

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
