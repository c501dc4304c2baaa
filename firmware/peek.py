"""A look out of deep sleep: has the band been put on since it was last looked at?

Touches the driver given. Speaks mg. A look takes a second or so, and the log is not opened for it.
"""

from array import array

from drivers import MAX_RUN, SensorLost, WrongChip

_LOOK_MS = 700
_LEAST = 30  # samples
# Ours: a table does not turn a band by 20 degrees (342 mg of 1 g), nor shake it by 15 mg.
_TURNED_MG = 342
_MOVED_MG = 15


def worn(imu, config, before_mg, sleep_ms):
    """Return (whether it was turned or moves, gravity in mg now).

    before_mg: at the look before; zeros: there was none. A sensor that does not answer says no.
    """
    buf = array("H", [0] * (3 * MAX_RUN))
    try:
        imu = imu.found()
        imu.start(config.ODR_HZ, config.RANGE_G, config.WATERMARK)
        sleep_ms(_LOOK_MS)
        n = imu.drain_into(buf)
        imu.stop()
    except (SensorLost, WrongChip):
        return False, before_mg
    if n < _LEAST:
        return False, before_mg
    gravity_mg = []
    moves = False
    for axis in range(3):
        counts = [(buf[3 * i + axis] ^ 0x8000) - 0x8000 for i in range(n)]
        mean = sum(counts) // n
        spread_mg = (max(counts) - min(counts)) * imu.ug_per_lsb // 2000
        moves = moves or spread_mg > _MOVED_MG
        gravity_mg.append(mean * imu.ug_per_lsb // 1000)
    if before_mg == (0, 0, 0):
        return moves, tuple(gravity_mg)
    off = sum((a - b) ** 2 for a, b in zip(gravity_mg, before_mg))  # noqa: B905
    return moves or off > _TURNED_MG**2, tuple(gravity_mg)
