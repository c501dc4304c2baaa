"""The band's test of itself for a host at its cable: run by name, while the firmware does not.

Touches all the parts, as `app` wires them. Prints one line: SAID and the record's values in JSON.
"""

import json
import time

import band_key
import boards
import selftest
import settings
from drivers.find import Unfound
from notturno_core import wire
from notturno_core.eventlog import EventLog, LogFull
from power import Clock, Power
from storage import FolderStorage

SAID = "notturno-check "


def main(cable):
    """Test, log and print. cable: checks.CABLE_*."""
    config = settings.load()
    board = boards.pick(config.BOARD)
    clock = Clock(time.ticks_ms, time.ticks_diff)
    power = Power(board, clock)
    storage = FolderStorage(config.LOG_FOLDER)
    log = EventLog(storage, board.random_u32)
    log.open()
    imu = Unfound(board.i2c, time.sleep_ms, board.make_i2c, board.unstick_i2c)
    # Of the date nothing is known here: the firmware that knew it does not run.
    values = selftest.run(
        imu,
        board,
        power,
        log,
        band_key.read(),
        config,
        time.sleep_ms,
        clock.now_ms,
        storage=storage,
        cable=cable,
        why=wire.CHECK_ASKED,
    )
    try:
        log.append(wire.REC_CHECK, wire.pack(wire.CHECK_FIELDS, values))
        log.close()
    except (OSError, LogFull):
        pass  # what the flash refuses is said by the test itself
    values["device"] = "".join("%02x" % byte for byte in board.device_id())
    print(SAID + json.dumps(values))
