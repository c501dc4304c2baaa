"""Which chip hangs on the bus: asks every family, at both addresses, for its identity.

Touches the I2C object given. A driver is imported when its chip is there, not before: memory is
short. What is known stands in notturno_core.sensors.
"""

from notturno_core.sensors import FAMILIES

from drivers import FaultCounts, SensorLost, WrongChip

# An LSM6DSO(X) with INT1 high at power-on waits for an I3C host; this write it still takes.
I3C_REGISTER, I3C_DISABLE = 0x18, b"\xe2"
I3C_ADDRESSES, I3C_IDS = (0x6A, 0x6B), (0x6C,)
PAUSE_MS = 5


def find(i2c, sleep_ms, recreate=None, unstick=None):
    """Return the driver of the chip that answers.

    Raises WrongChip when something answers that none of the families is, with what it said;
    SensorLost when nothing does, whatever was tried: again, I3C off, the bus made anew and
    clocked free.
    """
    seen = {}  # (address, register) -> identity
    for rung in ("", "again", "i3c", "recreate", "unstick"):
        if rung:
            sleep_ms(PAUSE_MS)
        if rung == "i3c" and not seen:
            for address in I3C_ADDRESSES:
                _quietly(i2c.writeto_mem, address, I3C_REGISTER, I3C_DISABLE)
        if rung == "unstick" and unstick:
            unstick()
        if rung in ("recreate", "unstick") and recreate:
            i2c = recreate()
        for module, name, _, addresses, register, ids, _ in FAMILIES:
            for address in addresses:
                code = _identity(i2c, address, register)
                if code in ids:
                    driver = getattr(__import__("drivers." + module, None, None, (name,)), name)
                    imu = driver(i2c, sleep_ms, recreate, unstick, address)
                    imu.int1_high = rung == "i3c" and code in I3C_IDS
                    return imu
                if code is not None:
                    seen[address, register] = code
    names = ", ".join([row[2] for row in FAMILIES])
    if seen:
        told = "0x%02x at 0x%02x (register 0x%02x)"
        said = [told % ((seen[key],) + key) for key in sorted(seen)]
        error = WrongChip(
            "the chip on the bus says %s; use one of these: %s" % (" and ".join(said), names)
        )
        error.sensor_id = seen[min(seen)]
        error.address = min(seen)[0]
        raise error
    raise SensorLost("no motion sensor answers: check its four wires (known are %s)" % names)


class Unfound:
    """Stands where no chip has been found yet, as a driver that has not started.

    Arguments as those of `find`.
    """

    def __init__(self, i2c, sleep_ms, recreate=None, unstick=None):
        self._looks = i2c, sleep_ms, recreate, unstick
        self.faults = FaultCounts()
        self.sensor_id = self.address = 0

    def found(self):
        """Return the driver of the chip, where it answers now. Raises as `find`."""
        try:
            return find(*self._looks)
        except WrongChip as error:
            self.sensor_id, self.address = error.sensor_id, error.address
            raise
        except SensorLost:
            self.faults.transfers += 1
            raise

    def start(self, *_):
        """There is nothing to start; raises as `find`, and where it finds one now."""
        self.found()
        raise SensorLost("the sensor has just come; ask again")

    def stop(self):
        """There is nothing to stop."""


def _identity(i2c, address, register):
    """Return what a chip says at this register; None: nobody answers."""
    one = bytearray(1)
    return one[0] if _quietly(i2c.readfrom_mem_into, address, register, one) else None


def _quietly(transfer, address, register, buf):
    try:
        transfer(address, register, buf)
        return True
    except OSError:
        return False
