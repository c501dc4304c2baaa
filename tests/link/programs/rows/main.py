"""Runs in the band's MicroPython: the real log and service, and rows at a steady pace.

While a host listens: a recording begins, and three times over a row is provisional and, half
a second later, final; the second one's name is another then.
"""

import asyncio
import time

import band_key
import boards
import ciphers
import config
from ble_service import BleService
from guard import Guard
from notturno_core import wire
from notturno_core.eventlog import EventLog
from power import Clock
from storage import FolderStorage

board = boards.pick(config.BOARD)
clock = Clock(time.ticks_ms, time.ticks_diff)
log = EventLog(FolderStorage(config.LOG_FOLDER), board.random_u32)
log.open()


def info():
    return {"state": wire.STATE_RECORDING, "device_id": board.device_id()}


def row(number, flags=0):
    values = {"kind": wire.EVENT_JERK, "number": number, "peak_mg": 80 + number}
    values["onset_sample"] = 1000 * number
    values["duration_samples"] = 26
    values["flags"] = flags
    return wire.pack_event(values)


async def rows(service):
    while not service.proven:
        await asyncio.sleep_ms(100)
    await asyncio.sleep_ms(1500)
    log.append(wire.REC_SESSION, wire.pack(wire.SESSION_FIELDS, {"odr_mhz": 104000}))
    for number in range(3):
        service.provisional(row(number))
        await asyncio.sleep_ms(500)
        log.append(wire.REC_EVENT, row(number, wire.FLAG_IN_RHYTHM if number == 1 else 0))
    log.append(wire.REC_END, wire.pack(wire.END_FIELDS, {"reason": wire.END_DOCKED}))
    log.flush()


def guarded(link):
    key = band_key.read()
    return Guard(link, key, ciphers.sha256, ciphers.ecb, ciphers.random, clock.now_ms)


async def main():
    service = BleService(board.ble(), log, info, lambda utc_ms, error_ms, host_id: None, guarded)
    asyncio.create_task(service.run())
    service.radio(True)
    await rows(service)
    while True:
        await asyncio.sleep_ms(1000)


asyncio.run(main())
