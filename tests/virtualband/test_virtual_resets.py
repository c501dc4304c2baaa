"""What a reset takes and what it leaves: watchdog, RTC, RTC memory, pads; and the ledger."""

import pytest
from notturno.virtualband import processor
from notturno.virtualband.ledger import Ledger
from virtual_kit import PROGRAMS, SOON_HUNG_CPU_S, make_band, short_world, wait_for

WATCHDOG, DEEP_SLEEP, HARD, POWER_ON = 3, 4, 2, 1


def lives(folder, steps, **kwargs):
    """Let a band live by the steps; return the words that each start said, and the band."""
    kwargs.setdefault("world", short_world(3600.0))
    (folder / "flash").mkdir(parents=True)
    (folder / "flash" / "plan").write_text(steps)
    seen = folder / "flash" / "seen"
    with make_band(folder, firmware=PROGRAMS / "resets", **kwargs) as band:
        assert wait_for(lambda: seen.exists() and "end" in seen.read_text().split())
        ledger = band.ledger.rows()
    return [line.split(" ") for line in seen.read_text().splitlines()], ledger


def kept(rows):
    """Return (cause, RTC memory) of each start."""
    return [(int(row[1]), " ".join(row[2:-2])) for row in rows if row[0] == "start"]


@pytest.mark.parametrize("how", ["spin", "stuck"])
def test_a_watchdog_that_is_not_fed_resets_and_rtc_memory_outlives_it(tmp_path, monkeypatch, how):
    monkeypatch.setattr(processor, "HANG_CPU_S", SOON_HUNG_CPU_S)
    rows, ledger = lives(tmp_path, how)
    assert kept(rows) == [(POWER_ON, "b'-'"), (WATCHDOG, "b'   1'")]
    assert ledger["starts"] == 2
    # its timeout after it was last fed, and not before
    fed_s = 70.0 if how == "spin" else 0.0
    times = [int(row[-2]) for row in rows if row[0] == "start"]
    assert times[1] - times[0] == pytest.approx(fed_s + 8.0, abs=1.1)


def test_resets_and_deep_sleep_keep_rtc_and_its_memory(tmp_path):
    rows, ledger = lives(tmp_path, "reset deep", clock_chip=False)
    found = [(int(r[1]), int(r[-2]), int(r[-1])) for r in rows if r[0] == "start"]
    assert [cause for cause, _, _ in found] == [POWER_ON, HARD, DEEP_SLEEP]
    assert [at for _, at, _ in found] == [0, 100, 700]  # without a clock chip it is 2000
    assert found[2][2] == 4  # the timer woke it
    assert ledger["deep_sleep_s"] == pytest.approx(600.0, abs=0.1)
    assert ledger["awake_s"] >= 100.0


def test_a_power_cut_takes_the_rtc_and_its_memory(tmp_path):
    (tmp_path / "flash").mkdir()
    (tmp_path / "flash" / "plan").write_text("reset")
    seen = tmp_path / "flash" / "seen"
    with make_band(tmp_path, short_world(3600.0), PROGRAMS / "resets", clock_chip=False) as band:
        assert wait_for(lambda: seen.exists() and seen.read_text().count("end") == 1)
        band.power_cut()
        assert wait_for(lambda: seen.read_text().count("end") == 2)
    rows = [line.split(" ") for line in seen.read_text().splitlines()]
    assert kept(rows) == [(POWER_ON, "b'-'"), (HARD, "b'   1'"), (POWER_ON, "b'-'")]
    assert [int(r[-2]) for r in rows if r[0] == "start"] == [0, 100, 0]


def test_the_rtc_runs_with_the_tick_and_both_may_be_wrong(tmp_path):
    rows, _ = lives(tmp_path, "reset", clock_chip=False, tick_error=0.1)
    assert [int(r[-2]) for r in rows if r[0] == "start"] == [0, 100]
    rows, ledger = lives(tmp_path / "slow", "deep", clock_chip=False, tick_error=-0.2)
    assert [int(r[-2]) for r in rows if r[0] == "start"] == [0, 600]
    assert ledger["deep_sleep_s"] == pytest.approx(750.0, abs=0.2)


def test_ext0_leaves_its_pad_at_nought_and_gpio_does_not(tmp_path):
    rows, _ = lives(tmp_path, "ext0 gpio")
    said = {row[0]: " ".join(row[1:]) for row in rows if row[0] in ("ext0", "gpio")}
    assert said == {"ext0": "[1, 0, 0] 1", "gpio": "[1, 1, 1] 1"}


def test_a_level_ends_a_sleep_for_as_long_as_it_lasts(tmp_path):
    rows, ledger = lives(tmp_path, "press", world=short_world(3600.0, presses_s=[20.0]))
    (press,) = [row for row in rows if row[0] == "press"]
    assert int(press[1]) == pytest.approx(20_000, abs=100)
    assert press[2:] == ["0", "0"]
    assert ledger["light_sleep_s"] == pytest.approx(20.0, abs=0.1) and ledger["light_sleeps"] == 2


def test_a_sleep_without_an_end_is_booked_while_it_lasts(tmp_path):
    """Nobody wakes it, and it asks for nothing: the ledger knows all the same."""
    (tmp_path / "flash").mkdir()
    (tmp_path / "flash" / "plan").write_text("endless")
    world = short_world(20 * 3600.0)
    with make_band(tmp_path, world, PROGRAMS / "resets", hold_at_s=1000.0) as band:
        for until_s in (1000.0, 40_000.0):
            band.run_until(until_s)
            rows = band.ledger.rows()
            assert rows["all_s"] == until_s
            assert rows["deep_sleep_s"] == pytest.approx(until_s, abs=1.0)
            assert rows["awake_s"] == pytest.approx(until_s - rows["deep_sleep_s"], abs=1e-6)


def test_the_ledger_books_each_second_once():
    ledger = Ledger()
    ledger.spend(2e6, "", "", True)
    ledger.spend(5e6, "light", "", True)
    ledger.spend(9e6, "deep", "", False)
    ledger.spend(10e6, "", "idle", False)
    ledger.spend(12e6, "", "connected", False)
    ledger.count("flash_writes")
    assert ledger.rows() == {
        "all_s": 12.0,
        "awake_s": 5.0,
        "light_sleep_s": 3.0,
        "deep_sleep_s": 4.0,
        "radio_idle_s": 1.0,
        "radio_connected_s": 2.0,
        "imu_on_s": 5.0,
        "light_sleeps": 0,
        "flash_writes": 1,
        "starts": 0,
    }
