"""Wires the parts together and runs them. Holds no logic, knows no pins."""

import asyncio
import sys
import time

import aftermath
import band_key
import boards
import ciphers
import day
import machine
import peek
import settings
import slots
from backup import Backup
from band import Band
from ble_service import BleService
from drivers.find import Unfound
from guard import Guard
from notturno_core import wire
from notturno_core.eventlog import EventLog
from power import Clock, Power
from recorder import Recorder
from storage import FolderStorage
from supervisor import Supervisor


def rtc_ms():
    """The clock that runs on through resets, ms; from 2000 on where nobody has set it."""
    return time.time_ns() // 1000000


def run():
    """Make a band of the parts and let it live. Returns when something has ended it."""
    config = settings.load()
    board = boards.pick(config.BOARD)  # first of all: some boards switch themselves off else
    backup = Backup(machine.RTC().memory)
    supervisor = Supervisor(machine, backup, slots.failed)
    cause = machine.reset_cause()
    if cause == machine.PWRON_RESET or cause == machine.SOFT_RESET:
        # The way in while a band sleeps most of the time: Ctrl-C here, or the button later.
        time.sleep_ms(config.MAINTENANCE_MS)
    try:
        main = make(board, config, backup, supervisor, cause)
    except Exception as error:
        supervisor.give_up(error, _nothing)
        return
    try:
        asyncio.run(main)
    except KeyboardInterrupt:
        supervisor.let_go()
        raise


def make(board, config, backup, supervisor, cause):
    """Return the coroutine of a band's life."""
    time.sleep_ms(supervisor.pause_ms())
    clock = Clock(time.ticks_ms, time.ticks_diff)
    power = Power(board, clock)
    imu = Unfound(board.i2c, time.sleep_ms, board.make_i2c, board.unstick_i2c)
    woken = cause == machine.DEEPSLEEP_RESET
    by_timer = woken and machine.wake_reason() == machine.TIMER_WAKE
    utc_ms = backup.utc_ms(rtc_ms())
    by_clock = by_timer and day.begins_by_clock(utc_ms, config)
    worn = False
    if by_timer and backup.peeks and not by_clock and not board.docked():
        worn, backup.gravity_mg = peek.worn(imu, config, backup.gravity_mg, time.sleep_ms)
        if not worn:
            backup.peeks -= 1
            backup.session(False, True)
            backup.save(0, 0, 0)
            until_ms = day.until_night_ms(utc_ms, config)
            if backup.peeks:
                until_ms = min(until_ms or config.PEEK_EVERY_MS, config.PEEK_EVERY_MS)
            power.deep_sleep(until_ms)
    supervisor.watch()
    settings.drop_parcel()
    storage = FolderStorage(config.LOG_FOLDER)
    log = EventLog(storage, board.random_u32, buf=backup.frames)
    log.open(backup.log_id, backup.fill)
    was_over = backup.over
    firmware = config.FIRMWARE_VERSION.encode()
    started = aftermath.settle(log, backup, cause, clock.now_ms(), rtc_ms(), firmware)
    recorder = Recorder(imu, log, clock.now_ms, power.battery_mv, config, backup)
    recorder.changed_settings = settings.changed()
    feed = supervisor.feed
    band = Band(board, power, clock, log, recorder, config, backup, rtc_ms, feed)
    called = worn or by_clock or (woken and not by_timer)
    band.over = over_at_start(started, was_over, called, config)
    band.woken = woken and backup.date is not None
    key = band_key.read()

    def make_guard(link):
        return Guard(link, key, ciphers.sha256, ciphers.ecb, ciphers.random, clock.now_ms)

    def check(cable, why=wire.CHECK_ASKED):
        import selftest  # only now: most starts need none of it

        if recorder.recording:
            raise OSError(16)  # EBUSY: its sensor is in use
        feed()
        # A date that nobody has given yet comes with the next sync: only who asks is told.
        dated = bool(band.info()["state"] & wire.STATE_TIME_SET)
        values = selftest.run_and_log(
            recorder.imu,
            board,
            power,
            log,
            key,
            config,
            time.sleep_ms,
            clock.now_ms,
            storage=storage,
            time_set=dated if why == wire.CHECK_ASKED else None,
            cable=cable,
            why=why,
        )
        feed()
        for name in ("selftest", "selftest_sensor"):  # a night does not hold it
            sys.modules.pop(name, None)
        return values["verdict"]

    band.check = check
    band.checked = started in aftermath.FAILED  # a night that goes on has no time for it
    service = BleService(board.ble(), log, band.info, band.set_time, make_guard, band.name, check)

    def make_beacon(*of_band):
        import beacon  # only on the dock, and only where it is wanted

        return beacon.Beacon(storage, log, key, ciphers, power.battery_mv, config, *of_band)

    if config.BEACON == "on" and key is not None:
        band.tell_by(make_beacon)

    def save():
        recorder.stop(wire.END_CRASHED)

    return supervisor.guard(band.run(service), save)


def over_at_start(started, was_over, called, config):
    """Say whether a start waits for a dock or a press before it records.

    called: somebody pressed the button, the clock says so, or the band was found to be worn.
    """
    if called:
        return False
    if started in aftermath.FAILED or started == wire.START_DEEP_SLEEP:
        return was_over
    return "undock" not in config.START


def _nothing():
    """Nothing can be saved yet."""
