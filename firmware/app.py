"""Wires the parts together and runs them. Holds no logic, knows no pins."""

import asyncio
import time

import band_key
import boards
import ciphers
import config
from band import Band
from ble_service import BleService
from drivers.lsm6dsox import Lsm6dsox
from guard import Guard
from notturno_core import wire
from notturno_core.eventlog import EventLog
from power import Clock, Power
from recorder import Recorder
from storage import FolderStorage


def run():
    """Make a band of the parts and let it live. Returns when something has ended it."""
    # The way in while a band sleeps most of the time: Ctrl-C here, or a press of the button later.
    time.sleep_ms(config.MAINTENANCE_MS)

    board = boards.pick(config.BOARD)
    clock = Clock(time.ticks_ms, time.ticks_diff)
    power = Power(board, clock)
    storage = FolderStorage(config.LOG_FOLDER)
    log = EventLog(storage, board.random_u32)
    log.open()
    imu = Lsm6dsox(board.i2c, time.sleep_ms, board.make_i2c, board.unstick_i2c)
    recorder = Recorder(imu, log, clock.now_ms, power.battery_mv, config)
    band = Band(board, power, clock, log, recorder, config)
    key = band_key.read()

    def make_guard(link):
        return Guard(link, key, ciphers.sha256, ciphers.ecb, ciphers.random, clock.now_ms)

    def check(cable):
        import selftest  # only now: most starts need none of it

        if recorder.recording:
            raise OSError(16)  # EBUSY: its sensor is in use
        selftest.run_and_log(
            imu,
            board,
            power,
            log,
            key,
            config,
            time.sleep_ms,
            clock.now_ms,
            storage=storage,
            time_set=bool(band.info()["state"] & wire.STATE_TIME_SET),
            cable=cable,
            why=wire.CHECK_ASKED,
        )
        imu.stop()

    service = BleService(board.ble(), log, band.info, band.set_time, make_guard, band.name, check)
    asyncio.run(band.run(service))
