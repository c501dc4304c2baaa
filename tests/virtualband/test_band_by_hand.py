"""The virtual band before it is switched on: its clocks, who waits for it, its flash."""

import threading
from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.virtualband import band as of_band
from notturno.virtualband.band import FirmwareStopped, VirtualBand
from notturno.virtualband.flash import Flash
from notturno.virtualband.world import StillSource, Timeline

HOUR_S, DAY_S = 3600.0, 86_400.0
EPOCH_2000_S = 946_684_800


class Quick(threading.Condition):
    """Nobody waits."""

    def wait(self, timeout=None):
        return True


@pytest.fixture
def band(tmp_path):
    """Return a band of two nights of eight hours that nobody has switched on."""
    world = Timeline([StillSource(), StillSource()], hours=8)
    made = VirtualBand(tmp_path, world, seed=0x1000123)
    made._processor = SimpleNamespace(failure=None)
    made._prompt = SimpleNamespace(deserted=False, output=lambda: b"")
    made.clock.changed = Quick()
    return made


def at(band, t_s):
    band.clock._anchor_us = t_s * 1e6


# --- what it is, and when ------------------------------------------------------------------------


def test_its_id_is_the_virtual_boards_with_24_bits_of_the_seed(band):
    assert band.device_id == "5642024e54000123"  # VB, 02, NT, seed


def test_the_worlds_time_is_its_start_and_what_has_passed(band):
    band._start_utc_s = 1_768_000_000.25
    at(band, 2.5)
    assert band.utc_ms() == 1_768_000_002_750 and band.now_s == 2.5


def test_free_time_may_be_held_from_the_beginning(tmp_path):
    world = Timeline([StillSource()])
    assert VirtualBand(tmp_path, world, hold_at_s=2.5).clock.hold_us == 2_500_000
    assert VirtualBand(tmp_path, world).clock.hold_us == float("inf")


def started(monkeypatch, folder, cause, offset_s, **more):
    """Return (arguments of the VM's process, the offset that is kept) of a start at 100.5 s."""
    told = []
    monkeypatch.setattr(of_band.vl, "VmProcess", lambda *arguments: told.append(arguments))
    band = VirtualBand(folder, Timeline([StillSource()]), flash_bytes=77, **more)
    band._flash = SimpleNamespace(folder="flash", fileno=9)
    band._start_utc_s = EPOCH_2000_S + 5000.75
    at(band, 100.5)
    kept_s = band._start_vm(cause, offset_s)[1]
    return told[0], kept_s


def test_a_clock_chip_keeps_the_time_and_without_one_it_is_2000_when_the_power_came(
    monkeypatch, tmp_path
):
    head = ("flash", 9)
    found = started(monkeypatch, tmp_path, 1, None)
    assert found == ((*head, 5000, 77, 1, 0.0), None)
    found = started(monkeypatch, tmp_path, 1, None, clock_chip=False)
    assert found == ((*head, -100.5, 77, 1, 0.0), -100.5)
    found = started(monkeypatch, tmp_path, 1, None, clock_chip=False, tick_error=0.01)
    assert found == ((*head, pytest.approx(-101.505), 77, 1, 0.01), pytest.approx(-101.505))
    # as the program has set it
    assert started(monkeypatch, tmp_path, 3, 7.5) == ((*head, 7.5, 77, 3, 0.0), 7.5)


def test_it_starts_where_it_was_told_or_on_the_evening_after_its_nights(tmp_path, monkeypatch):
    world = Timeline([StillSource(), StillSource()])
    monkeypatch.setattr(of_band, "next_evening_utc_s", lambda folder, nights: (folder, nights))
    assert VirtualBand(tmp_path, world, start_utc_s=5.0)._begins_utc_s() == 5.0
    assert VirtualBand(tmp_path, world)._begins_utc_s() == (tmp_path, 2)


# --- who waits for it ----------------------------------------------------------------------------


def test_the_nights_are_over_a_minute_and_a_half_on_the_dock_after_the_last(band):
    """Told: which night, and how much of it is over; before a night begins nothing is."""
    times_s = [0.0, 2 * HOUR_S, 8 * HOUR_S, 8 * HOUR_S + 1, DAY_S + 4 * HOUR_S]
    times_s += [DAY_S + 8 * HOUR_S, DAY_S + 8 * HOUR_S + 89.9, DAY_S + 8 * HOUR_S + 90]
    told, left = [], times_s[:]

    def progress(night, fraction):
        told.append((night, round(fraction, 6)))
        at(band, left.pop(0))

    band.wait_nights(progress)
    # each call is told of the time before it
    assert told == [
        (0, 0.0),
        (0, 0.0),
        (0, 0.25),
        (0, 1.0),
        (1, 0.0),
        (1, 0.5),
        (1, 1.0),
        (1, 1.0),
    ]
    assert left == []


def test_a_wait_holds_free_time_at_its_end(band):
    at(band, 12.5)
    band.run_until(12.5)
    assert band.clock.hold_us == 12_500_000


def test_a_wait_that_lasts_too_long_says_where_time_stands(band, monkeypatch):
    wall_s = iter([100.0, 100.0, 399.9, 400.1])
    monkeypatch.setattr(of_band.time, "monotonic", lambda: next(wall_s))
    at(band, 12.4)
    with pytest.raises(TimeoutError, match="virtual time is 12 s after 300 s"):
        band.run_until(12.5)
    assert next(wall_s, None) is None


def test_what_ended_it_is_raised_with_the_last_that_it_said(band):
    band.check()
    band._prompt = SimpleNamespace(deserted=True, output=lambda: b" " + b"x" * 500 + b"y" * 2000)
    with pytest.raises(FirmwareStopped) as error:
        band.check()
    assert str(error.value) == "The firmware has stopped; it said:\n" + "y" * 2000
    band._processor.failure = OSError("a fault of its own")
    with pytest.raises(OSError, match="of its own"):
        band.run_until(5.0)


@pytest.mark.parametrize("does", [True, False])
def test_who_wears_it_is_asked_at_the_bands_time(band, does):
    assert not band._asked(1), "nobody wears it in such a world"
    asked = []
    band.world.asked = lambda what, t_s: asked.append((what, t_s)) or does
    at(band, 2.5)
    assert band._asked(3) is does and asked == [(3, 2.5)]


# --- its flash -----------------------------------------------------------------------------------


def test_a_flash_gets_the_programs_anew_and_keeps_what_else_is_there(tmp_path):
    firmware, folder = tmp_path / "firmware", tmp_path / "band"
    for name in ("main.py", "lib/core.py", "lib/quick.mpy", "settings.json", "notes.txt"):
        (firmware / name).parent.mkdir(parents=True, exist_ok=True)
        (firmware / name).write_text(name)
    (firmware / "__pycache__").mkdir()
    (firmware / "__pycache__" / "main.py").write_text("no")
    for name in (
        "old.py",
        "slot_a/old.py",
        "slot_b/old.py",
        "lib/slot_a.py",
        "log.bin",
        "main.py",
    ):
        (folder / "flash" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "flash" / name).write_text("mine")
    flash = Flash(folder, firmware)
    with pytest.raises(UserError, match="Another virtual band"):
        Flash(folder, firmware)
    found = {
        path.relative_to(flash.folder).as_posix(): path.read_text()
        for path in flash.folder.rglob("*")
        if path.is_file()
    }
    assert found == {
        **{name: name for name in ("main.py", "lib/core.py", "lib/quick.mpy", "settings.json")},
        **{name: "mine" for name in ("slot_a/old.py", "slot_b/old.py", "log.bin")},
    }
    assert [flash.next_boot() for _ in range(3)] == [1, 2, 3]
    (folder / "boots").write_text("")  # cut while it was written
    assert flash.next_boot() == 1
    flash.close()
    Flash(folder, firmware).close()


def test_a_flash_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--data-dir"):
        Flash(tmp_path / "file", tmp_path)
