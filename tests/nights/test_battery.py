"""The battery's percent and nights: bounds, order, and the same budget as the hardware's."""

import sys
from pathlib import Path

import pytest
from notturno import battery

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "hardware"))
sys.path.append(str(ROOT / "firmware"))


@pytest.mark.parametrize(
    ("mv", "percent"),
    [(4250, 100), (4200, 100), (3825, 48), (3700, 12), (3450, 0), (3300, 0), (2500, 0)],
)
def test_the_voltage_gives_the_percent_that_a_band_can_use(mv, percent):
    assert battery.battery_pct(mv) == percent


@pytest.mark.parametrize("mv", [None, 0, 120, 2499, 4401, 65535])
def test_what_is_no_cell_has_no_percent(mv):
    assert battery.battery_pct(mv) is None and battery.battery_text(mv, 3) == "-"
    assert battery.nights_left([4000, mv]) is None


def test_more_voltage_is_never_less_charge():
    charges = [battery.battery_pct(mv) for mv in range(3300, 4300)]
    assert charges == sorted(charges) and set(charges) == set(range(101))


def test_a_band_stops_where_the_percent_is_zero():
    import config

    assert battery.STOP_MV == config.BATTERY_STOP_MV


def test_without_a_history_the_nights_are_the_hardwares_budget():
    import power_budget as budget
    from rendering import data, power_page

    board, chip = data.BOARDS["xiao_esp32s3"], data.CHIPS["lsm6dsox"]
    day_mah = power_page.day(board, chip)["total"]
    assert pytest.approx(day_mah, abs=0.005) == battery.DAY_MAH
    assert f"| total | {battery.DAY_MAH:.2f} |" in (ROOT / "hardware" / "POWER.md").read_text()
    assert budget.USABLE * board["cell_mah"]["value"] == battery.USABLE_MAH
    assert battery.nights_left([4200]) == 7 == budget.days_of(day_mah, 250)
    assert battery.nights_left([3450]) == 0


def test_the_nights_are_told_by_how_the_voltage_fell_before():
    # 100, 91, 78 and 64 %: falls of 9, 13 and 14; a charge between them is no fall.
    falling = [4200, 4100, 4000, 3900]
    assert battery.nights_left(falling) == 64 // 13
    assert battery.nights_left([3700, *falling]) == 64 // 13
    assert battery.nights_left([4200, None, 4200, 4100]) == battery.nights_left([4100]) == 6
    assert battery.nights_left([]) is None


def test_the_text_says_that_it_is_an_estimate():
    assert battery.battery_text(3900) == "~64 %"
    assert battery.battery_text(3900, 1) == "~64 %, 1 night left"
    assert battery.battery_text(3900, 4) == "~64 %, 4 nights left"


def test_two_falls_are_enough_and_one_is_not():
    once, twice = [4100, 4050], [4100, 4050, 4000]
    percents = [battery.battery_pct(mv) for mv in twice]
    a_night = (percents[0] - percents[2]) / 2  # the median of two
    budget_pct = 100 * battery.DAY_MAH / battery.USABLE_MAH
    assert battery.nights_left(once) == int(percents[1] / budget_pct)
    assert battery.nights_left(twice) == int(percents[2] / a_night)
    assert int(percents[2] / a_night) != int(percents[2] / budget_pct)
