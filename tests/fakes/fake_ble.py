"""MicroPython's `bluetooth.BLE` in memory: notes every call, and plays the host's side.

Touches nothing. `host_*` methods are what a host would do; they raise the interrupts.
"""

CONNECT, DISCONNECT, WRITE, INDICATE_DONE, MTU = 1, 2, 3, 20, 21
ENOMEM, ENOTCONN = 12, 128


class FakeBle:
    """A radio with one possible host. Handles are 16, 18, 21 and 24, as NimBLE would give."""

    HANDLES = (16, 18, 21, 24)
    VERSION, CONTROL, DATA, LIVE = HANDLES

    def __init__(self):
        self.calls = []
        self.values = {}
        self.buffers = {}
        self.sent = []  # (handle, bytes) in the order of the air; notifications and indications
        self.conn = None
        self.advertising = None
        self.is_active = False
        self.full_for = 0  # this many sends raise ENOMEM
        self.confirm = True  # the host confirms indications at once
        self.on_send = None  # called with (handle, bytes) after each send
        self.handler = None
        self.subscribed = set()

    # --- the firmware's side -------------------------------------------------------------------

    def active(self, on=None):
        if on is not None:
            self.calls.append(("active", on))
            self.is_active = on
        return self.is_active

    def config(self, *names, **values):
        self.calls.append(("config", values))
        return (0, b"\xe4\x54\xff\xee\x00\x03") if names == ("mac",) else None

    def irq(self, handler):
        self.handler = handler

    def gatts_register_services(self, services):
        self.calls.append(("services", services))
        return (self.HANDLES,)

    def gatts_set_buffer(self, handle, length, append=False):
        self.buffers[handle] = length

    def gatts_write(self, handle, data, send_update=False):
        self.values[handle] = bytes(data)
        if send_update and self.conn is not None and handle in self.subscribed:
            self.sent.append((handle, bytes(data)))
            if self.on_send:
                self.on_send(handle, bytes(data))

    def gatts_read(self, handle):
        return self.values.get(handle, b"")

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self.advertising = None if interval_us is None else (interval_us, adv_data, resp_data)
        self.calls.append(("advertise", interval_us is not None))

    def gap_disconnect(self, conn):
        self.calls.append(("disconnect", conn))
        self.host_leaves()

    def _send(self, conn, handle, data):
        if self.conn is None or conn != self.conn:
            raise OSError(ENOTCONN)
        if self.full_for:
            self.full_for -= 1
            raise OSError(ENOMEM)
        self.sent.append((handle, bytes(data)))
        if self.on_send:
            self.on_send(handle, bytes(data))

    def gatts_notify(self, conn, handle, data=None):
        self._send(conn, handle, data)

    def gatts_indicate(self, conn, handle, data=None):
        self._send(conn, handle, data)
        if self.confirm and self.conn is not None:
            self.handler(INDICATE_DONE, (conn, handle, 0))

    # --- the host's side -----------------------------------------------------------------------

    def host_connects(self, conn=0, mtu=247):
        self.conn = conn
        self.advertising = None
        self.handler(CONNECT, (conn, 0, b"\1\2\3\4\5\6"))
        if mtu:
            self.handler(MTU, (conn, mtu))

    def host_leaves(self):
        if self.conn is not None:
            conn, self.conn = self.conn, None
            self.handler(DISCONNECT, (conn, 0, b"\1\2\3\4\5\6"))

    def host_writes(self, data, handle=CONTROL):
        self.values[handle] = bytes(data)[: self.buffers.get(handle, 20)]
        self.handler(WRITE, (self.conn, handle))
