"""The raw `bluetooth` module over a Bumble GATT server on the virtual radio.

Touches the radio through `_sim.ble`. Speaks the numbers of the real module: IRQ events, flags,
handles, OSError (12 is a full packet pool, as on the device: wait and try again).
"""

import json
import struct

import _sim
import _vm
import uctypes

FLAG_BROADCAST, FLAG_READ, FLAG_WRITE_NO_RESPONSE, FLAG_WRITE = 0x01, 0x02, 0x04, 0x08
FLAG_NOTIFY, FLAG_INDICATE, FLAG_AUTHENTICATED_SIGNED_WRITE = 0x10, 0x20, 0x40
FLAG_AUX_WRITE, FLAG_READ_ENCRYPTED, FLAG_READ_AUTHENTICATED = 0x0100, 0x0200, 0x0400
FLAG_READ_AUTHORIZED, FLAG_WRITE_ENCRYPTED, FLAG_WRITE_AUTHENTICATED = 0x0800, 0x1000, 0x2000
FLAG_WRITE_AUTHORIZED = 0x4000

# Requests to the radio (radio.py)
_ACTIVE, _CONFIG, _SERVICES, _ADVERTISE, _DISCONNECT = 0, 1, 2, 3, 4
_NOTIFY, _INDICATE, _SET_VALUE, _WRITE_DONE, _MTU = 5, 6, 7, 8, 9
_EVENT_BLE = 1
_IRQ_CENTRAL_CONNECT, _IRQ_CENTRAL_DISCONNECT, _IRQ_GATTS_WRITE = 1, 2, 3
_IRQ_GATTS_INDICATE_DONE, _IRQ_MTU_EXCHANGED, _IRQ_ENCRYPTION_UPDATE = 20, 21, 28
_VALUE_MAX = 20  # bytes a characteristic takes until gatts_set_buffer says more

_answer = bytearray(2048)
_answer_at = uctypes.addressof(_answer)


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            self._bytes = struct.pack("<H", value)
        elif isinstance(value, str):
            digits = value.replace("-", "")
            if len(digits) not in (4, 32):
                raise ValueError("invalid UUID")
            raw = bytes(int(digits[i : i + 2], 16) for i in range(0, len(digits), 2))
            self._bytes = bytes(reversed(raw))
        else:
            self._bytes = bytes(value)

    def __iter__(self):  # this port's bytes() asks for it
        return iter(self._bytes)

    def __len__(self):
        return len(self._bytes)

    def __eq__(self, other):
        return isinstance(other, UUID) and self._bytes == other._bytes

    def __hash__(self):
        return hash(self._bytes)

    def __repr__(self):
        return "UUID(%s)" % self.hex()

    def hex(self):
        return "".join("%02x" % b for b in reversed(self._bytes))


def _ask(op, data=b""):
    n = len(data)
    got = _sim.ble(op, uctypes.addressof(data) if n else 0, n, _answer_at, len(_answer))
    if got < 0:
        raise OSError(-got)
    return got


def _ask_json(op, value):
    n = _ask(op, json.dumps(value).encode())
    return json.loads(bytes(memoryview(_answer)[:n])) if n else None


class BLE:
    """The one radio (a singleton, as on the device)."""

    _one = None

    def __new__(cls):
        if BLE._one is None:
            BLE._one = object.__new__(cls)
            BLE._one._begin()
        return BLE._one

    def __init__(self):
        pass

    def _begin(self):
        self._handler = None
        self._active = False
        self._values = {}
        self._limits = {}
        self._appends = set()
        self._config = {"mtu": 256, "gap_name": "MPY BTSTACK", "addr_mode": 0, "rxbuf": 256}
        self._config.update(bond=False, mitm=False, io=3, le_secure=False)
        _vm.handlers[_EVENT_BLE] = self._on_event

    def active(self, on=None):
        if on is None:
            return self._active
        if bool(on) != self._active:
            self._active = bool(on)
            _ask(_ACTIVE, b"\x01" if on else b"\x00")
            if not on:
                self._values.clear()
        return self._active

    def config(self, *names, **settings):
        if names:
            if names[0] == "mac":
                n = _ask(_CONFIG)
                return self._config["addr_mode"], bytes(memoryview(_answer)[:n])
            return self._config[names[0]]
        for name in settings:
            if name not in self._config:
                raise ValueError("unknown config param")
        self._config.update(settings)
        plain = {k: v.decode() if isinstance(v, bytes) else v for k, v in self._config.items()}
        _ask_json(_CONFIG, plain)

    def irq(self, handler):
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._need_active()
        self._adv = getattr(self, "_adv", [b"", b""])
        for i, data in enumerate((adv_data, resp_data)):
            if data is not None:
                if len(data) > 31:
                    raise OSError(22)
                self._adv[i] = bytes(data)
        head = struct.pack(
            "<iBB",
            -1 if interval_us is None else interval_us,
            bool(connectable),
            len(self._adv[0]),
        )
        _ask(_ADVERTISE, head + self._adv[0] + self._adv[1])

    def gap_disconnect(self, conn_handle):
        self._need_active()
        return _ask(_DISCONNECT, struct.pack("<H", conn_handle)) == 1

    def gatts_register_services(self, services):
        self._need_active()
        plan = []
        for uuid, characteristics in services:
            rows = []
            for entry in characteristics:
                descriptors = entry[2] if len(entry) > 2 else ()
                rows.append([entry[0].hex(), entry[1], [[d[0].hex(), d[1]] for d in descriptors]])
            plan.append([uuid.hex(), rows])
        handles = _ask_json(_SERVICES, plan)
        self._values = {}
        for group in handles:
            for handle in group:
                self._values[handle] = b""
        return tuple(tuple(group) for group in handles)

    def gatts_read(self, handle):
        if handle not in self._values:
            raise OSError(22)
        value = self._values[handle]
        if handle in self._appends:
            self._values[handle] = b""
        return value

    def gatts_write(self, handle, data, send_update=False):
        if handle not in self._values:
            raise OSError(22)
        self._values[handle] = bytes(data)
        _ask(_SET_VALUE, struct.pack("<HB", handle, bool(send_update)) + self._values[handle])
        return len(data)

    def gatts_set_buffer(self, handle, length, append=False):
        if handle not in self._values:
            raise OSError(22)
        self._limits[handle] = length
        (self._appends.add if append else self._appends.discard)(handle)

    def gatts_notify(self, conn_handle, handle, data=None):
        _ask(_NOTIFY, self._packet(conn_handle, handle, data))

    def gatts_indicate(self, conn_handle, handle, data=None):
        _ask(_INDICATE, self._packet(conn_handle, handle, data))

    def _packet(self, conn_handle, handle, data):
        self._need_active()
        return struct.pack("<HH", conn_handle, handle) + (
            self._values[handle] if data is None else data
        )

    def gattc_exchange_mtu(self, conn_handle):
        _ask(_MTU, struct.pack("<H", conn_handle))

    def _need_active(self):
        if not self._active:
            raise OSError(19)

    def _on_event(self, event, n):
        irq = event[1]
        if irq in (_IRQ_CENTRAL_CONNECT, _IRQ_CENTRAL_DISCONNECT):
            conn, addr_type = struct.unpack_from("<HB", event, 2)
            data = (conn, addr_type, bytes(memoryview(event)[5:11]))
        elif irq == _IRQ_GATTS_WRITE:
            conn, handle, ticket = struct.unpack_from("<HHI", event, 2)
            value = bytes(memoryview(event)[10:n])
            if handle in self._appends:
                value = self._values.get(handle, b"") + value
            # cut as the device cuts: what does not fit is lost
            self._values[handle] = value[: self._limits.get(handle, _VALUE_MAX)]
            if len(self._values[handle]) < n - 10 and handle not in self._appends:
                _ask(_SET_VALUE, struct.pack("<HB", handle, 0) + self._values[handle])
            self._call(irq, (conn, handle))
            if ticket:
                _ask(_WRITE_DONE, struct.pack("<I", ticket))
            return
        elif irq == _IRQ_GATTS_INDICATE_DONE:
            data = struct.unpack_from("<HHB", event, 2)
        elif irq == _IRQ_MTU_EXCHANGED:
            data = struct.unpack_from("<HH", event, 2)
        elif irq == _IRQ_ENCRYPTION_UPDATE:
            conn, encrypted, authenticated, bonded, key_size = struct.unpack_from(
                "<HBBBB", event, 2
            )
            data = (conn, bool(encrypted), bool(authenticated), bool(bonded), key_size)
        else:
            return
        self._call(irq, data)

    def _call(self, irq, data):
        if self._handler:
            self._handler(irq, data)
