"""`bluetooth` on the small machine: a radio that is on or off, and that nobody hears.

What NimBLE itself takes of the port's memory is not in any figure here.
"""

FLAG_READ, FLAG_WRITE, FLAG_NOTIFY, FLAG_INDICATE = 0x02, 0x08, 0x10, 0x20


class UUID:
    def __init__(self, value):
        self.value = value


class BLE:
    _on = False

    def active(self, on=None):
        if on is not None:
            BLE._on = on
        return BLE._on

    def config(self, *names, **values):
        return (0, bytes(6)) if names else None

    def irq(self, handler):
        pass

    def gap_advertise(self, interval_us, adv_data=None, resp_data=None, connectable=True):
        pass

    def gap_disconnect(self, conn):
        return True

    def gatts_register_services(self, services):
        at = 1
        out = []
        for _, characteristics in services:
            out.append(tuple(range(at, at + len(characteristics))))
            at += len(characteristics)
        return tuple(out)

    def gatts_set_buffer(self, handle, n, append=False):
        pass

    def gatts_write(self, handle, data, send_update=False):
        pass

    def gatts_read(self, handle):
        return b""
