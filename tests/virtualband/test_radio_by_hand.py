"""The virtual radio without an air: its requests by bytes, its pace, its packets, its permissions.

Requests and errors are those of the shim `bluetooth`; 12, 19, 22 and 128 are the ESP32 port's.
"""

import asyncio
import json
import struct
from types import SimpleNamespace

import pytest

pytest.importorskip("bumble")
from bumble import att  # noqa: E402
from bumble.att import Attribute  # noqa: E402
from bumble.gatt import Characteristic, Descriptor  # noqa: E402
from notturno.virtualband import outbox as of_outbox  # noqa: E402
from notturno.virtualband import radio as of_radio  # noqa: E402
from notturno.virtualband.faults import Faults  # noqa: E402
from notturno.virtualband.gatt import GattTable  # noqa: E402
from notturno.virtualband.outbox import Outbox  # noqa: E402
from notturno.virtualband.peripheral import Peripheral  # noqa: E402
from notturno.virtualband.radio import Radio  # noqa: E402

ACTIVE, CONFIG, SERVICES, ADVERTISE, DISCONNECT, NOTIFY, INDICATE, SET_VALUE = range(8)
WRITE_DONE, MTU = 8, 9


class Air:
    """Runs what it is given at once."""

    ether, listening = "ether", False

    def __init__(self):
        self.radios, self.soon = [], []

    def run(self, coroutine):
        async def whole():
            answer = await coroutine
            await asyncio.sleep(0)  # what it has begun
            return answer

        return asyncio.run(whole())

    def call_soon(self, *call):
        self.soon.append(call)


class Peri:
    """A peripheral that keeps what it is asked."""

    connected = advertising = False

    def __init__(self):
        self.asked = []
        self.table = SimpleNamespace(register=lambda services: [[len(services), 7]])

    def __getattr__(self, name):
        return lambda *arguments: self.asked.append((name, *arguments))

    def queue(self, *arguments):
        self.asked.append(("queue", *arguments))
        return -12

    def disconnect(self, conn):
        self.asked.append(("disconnect", conn))
        return conn == 5

    async def advertise(self, *arguments):
        self.asked.append(("advertise", *arguments))

    async def exchange_mtu(self, conn):
        self.asked.append(("exchange_mtu", conn))


@pytest.fixture
def paces():
    return []


@pytest.fixture
def radio(paces):
    """Return a radio that is on."""
    made = Radio(Air(), 0x70A0B0C, None, lambda *pace: paces.append(pace), lambda: 5)
    made._peripheral = Peri()
    return made


# --- requests ------------------------------------------------------------------------------------


def test_a_radios_address_is_static_random_and_ends_with_the_seeds_24_bits(radio):
    assert radio.address == "F0:4E:54:0A:0B:0C" and radio._air.radios == [radio]
    assert radio.call(CONFIG, b"") == (0, bytes.fromhex("F04E540A0B0C"))
    assert not radio.asked(1)


def test_each_request_by_its_bytes(radio):
    peri = radio._peripheral
    assert radio.call(NOTIFY, struct.pack("<HH", 5, 300) + b"ab") == (-12, b"")
    assert radio.call(INDICATE, struct.pack("<HH", 6, 301)) == (-12, b"")
    assert radio.call(WRITE_DONE, struct.pack("<I", 70_000)) == (0, b"")
    assert radio.call(SERVICES, b"[1, 2, 3]") == (0, b"[[3, 7]]")
    head = struct.pack("<iBB", -1, 1, 3)
    assert radio.call(ADVERTISE, head + b"abcdefg") == (0, b"")
    assert radio.call(DISCONNECT, b"\5\0") == (0, b"\1")
    assert radio.call(DISCONNECT, b"\0\5") == (0, b"")
    assert radio.call(SET_VALUE, struct.pack("<HB", 300, 1) + b"xyz") == (0, b"")
    assert radio.call(SET_VALUE, struct.pack("<HB", 300, 0)) == (0, b"")
    assert radio.call(MTU, b"\5\0") == (0, b"")
    assert peri.asked == [
        ("queue", 5, 300, b"ab", False),
        ("queue", 6, 301, b"", True),
        ("advertise", -1, b"abc", b"defg"),
        ("disconnect", 5),
        ("disconnect", 0x500),
        ("set_value", 300, b"xyz", True),
        ("set_value", 300, b"", False),
        ("exchange_mtu", 5),
    ]
    assert [arguments[1:] for arguments in radio._air.soon] == [(70_000,)]
    assert radio.call(77, b"") == (-5, b"")


def test_settings_are_put_together_and_told(radio):
    assert radio.call(CONFIG, json.dumps({"mtu": 247, "bond": True}).encode()) == (0, b"")
    ((_, told),) = radio._peripheral.asked
    assert told == {"mtu": 247, "gap_name": "MPY", "bond": True, "mitm": False, "io": 3}
    radio.power_cycle()
    assert radio._settings == {
        **{"mtu": 256, "gap_name": "MPY", "bond": False, "mitm": False, "io": 3},
    }


def test_a_radio_that_is_off_does_nothing_but_say_so(radio):
    assert radio.call(ACTIVE, b"\0") == (0, b"") and radio._peripheral is None
    for op in (NOTIFY, INDICATE, SERVICES, ADVERTISE, DISCONNECT, SET_VALUE, MTU):
        assert radio.call(op, bytes(8)) == (-19, b"")
    assert radio.call(WRITE_DONE, bytes(4)) == (0, b"") and radio._air.soon == []


@pytest.mark.parametrize(("connected", "state"), [(False, "idle"), (True, "connected")])
def test_the_state_that_is_spent_for(radio, connected, state):
    peri = radio._peripheral
    peri.connected = connected
    assert radio.state == state
    peri.controller = "own"
    assert radio.owns("own") and not radio.owns("other")
    radio._peripheral = None
    assert radio.state == "" and not radio.owns("own")


# --- pace ----------------------------------------------------------------------------------------


def changed(radio, paces, connected=False, advertising=False, listening=False):
    """Return what pace is wanted now, and what later: [(delay, arguments)]."""
    later = []

    class Loop:
        def call_later(self, delay_s, work, *arguments):
            later.append((delay_s, arguments))
            return SimpleNamespace(cancel=later.clear)

    radio._peripheral.connected, radio._peripheral.advertising = connected, advertising
    radio._air.listening = listening
    paces.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_radio.asyncio, "get_running_loop", Loop)
        radio.changed()
    return paces[:], later


def test_time_walks_with_the_wall_for_who_is_connected_or_looks_for_who_advertises(radio, paces):
    on, off = [("radio", True)], [("radio", False)]
    assert changed(radio, paces, connected=True) == (on, [])
    assert changed(radio, paces) == (off, [])
    assert changed(radio, paces, advertising=True, listening=True) == (on, [])
    # a host goes from scanning to connecting: a second more
    assert changed(radio, paces, advertising=True) == ([], [(1.0, (False,))])
    assert changed(radio, paces, listening=True) == (off, [])
    assert changed(radio, paces, advertising=True) == (off, [])


# --- a peripheral --------------------------------------------------------------------------------


def peripheral(**more):
    """Return a Peripheral without its device, and the events that it sends."""
    made = object.__new__(Peripheral)
    made._closed, made._ticket, made._tickets = False, 0, {}
    made._connections, made._outboxes, made._faults = {}, {}, Faults()
    made._settings, made._changed, sent = {"mtu": 256, "bond": 1}, lambda: None, []
    made._emit = sent.append
    vars(made).update(more)
    return made, sent


@pytest.mark.parametrize(
    ("interval_us", "units"), [(100_000, 62.5), (20_000, 12.5), (19_000, 12.5), (0, 12.5)]
)
def test_advertising_intervals_are_of_20_ms_or_more_in_steps_of_625_us(interval_us, units):
    asked = []

    class Device:
        async def start_advertising(self, **how):
            asked.append(how)

        async def stop_advertising(self):
            asked.append("stop")

    one, _ = peripheral(_device=Device())
    asyncio.run(one.advertise(interval_us, b"adv", b"resp"))
    asyncio.run(one.advertise(-1, b"", b""))
    assert asked == [
        {
            **{"advertising_data": b"adv", "scan_response_data": b"resp", "auto_restart": False},
            **{"advertising_interval_min": units, "advertising_interval_max": units},
        },
        "stop",
    ]


def test_a_packet_is_refused_by_what_is_missing():
    room = SimpleNamespace(put=lambda handle, data, indicate: data == b"fits")
    table = SimpleNamespace(attributes={16: "a value"})
    one, _ = peripheral(_outboxes={5: room}, table=table)
    assert one.queue(6, 16, b"fits", False) == -128  # ENOTCONN
    assert one.queue(5, 17, b"fits", False) == -22  # EINVAL
    assert one.queue(5, 16, b"does not", False) == -12  # ENOMEM
    assert one.queue(5, 16, b"fits", False) == 0


def connection(kind=1, **more):
    class Address:
        address_type = kind

        def __bytes__(self):
            return b"\1\2\3\4\5\6"

    return SimpleNamespace(handle=5, peer_address=Address(), **more)


def test_the_events_of_a_link_by_their_bytes():
    one, sent = peripheral()
    one._on_mtu(connection(att_mtu=247))
    one._on_encryption(connection(encryption=1, authenticated=False))
    one._on_encryption(connection(encryption=0, authenticated=True))
    one._settings["bond"] = False
    one._on_encryption(connection(encryption=2, authenticated=True))
    one._connections[5] = one._outboxes[5] = SimpleNamespace(
        fail_pending=lambda: None, close=lambda: None
    )
    one._on_gone(connection(kind=3))
    one._on_gone(connection())  # told once
    assert sent == [
        struct.pack("<BHH", 21, 5, 247),
        struct.pack("<BHBBBB", 28, 5, 1, 0, 1, 16),
        struct.pack("<BHBBBB", 28, 5, 0, 1, 0, 0),
        struct.pack("<BHBBBB", 28, 5, 1, 1, 0, 16),
        struct.pack("<BHB", 2, 5, 1) + b"\6\5\4\3\2\1",
    ]
    assert [one._type(connection(kind)) for kind in range(4)] == [0, 1, 0, 1]


@pytest.mark.parametrize(("last", "ticket"), [(0, 1), (41, 42), (0xFFFF_FFFF, 1)])
def test_a_hosts_write_waits_for_the_programs_handler(last, ticket):
    async def story():
        table = SimpleNamespace(values={})
        one, sent = peripheral(_loop=asyncio.get_running_loop(), _ticket=last, table=table)
        writing = asyncio.ensure_future(one._written(connection(), 16, bytearray(b"abc")))
        await asyncio.sleep(0)
        assert sent == [struct.pack("<BHHI", 3, 5, 16, ticket) + b"abc"]
        assert table.values == {16: b"abc"} and not writing.done()
        one.write_done(ticket + 1)
        await asyncio.sleep(0)
        assert not writing.done()
        one.write_done(ticket)
        await writing
        assert one._tickets == {}

    asyncio.run(story())


def test_the_mtu_is_the_programs_or_what_a_fault_says():
    one, _ = peripheral()
    assert one._mtu == 256
    one._faults.att_mtu = 23
    assert one._mtu == 23


# --- packets -------------------------------------------------------------------------------------


def drained(monkeypatch, packets, interval_ms=1000.0):
    """Return (handles sent, waits as (sent so far, s)); the loop's own time hardly moves."""
    sent, waits = [], []

    class Server:
        async def notify_subscriber(self, connection, attribute, data, force):
            assert force
            sent.append(attribute)

    async def story():
        real_sleep = asyncio.sleep

        async def sleep(s):
            waits.append((len(sent), s))
            await real_sleep(0)

        parameters = SimpleNamespace(connection_interval=interval_ms)
        link = SimpleNamespace(handle=5, parameters=parameters)
        attributes = {n: n for n in range(packets)}
        box = Outbox(Server(), link, attributes, Faults(pool_packets=packets), lambda told: None)
        assert [box.put(n, b"", False) for n in range(packets)] == [True] * packets
        assert not box.put(0, b"", False), "the pool is full"
        monkeypatch.setattr(of_outbox.asyncio, "sleep", sleep)
        for _ in range(50):
            await real_sleep(0)
        monkeypatch.undo()
        box.close()

    asyncio.run(story())
    return sent, waits


def test_six_packets_go_in_each_interval_of_the_link(monkeypatch):
    sent, waits = drained(monkeypatch, 14)
    assert sent == list(range(14))
    assert [n for n, _ in waits] == [6, 12, 14]
    assert [s for _, s in waits] == pytest.approx([1.0, 2.0, 3.0], abs=0.2)


def test_an_interval_is_in_milliseconds(monkeypatch):
    _, waits = drained(monkeypatch, 7, interval_ms=4000.0)
    assert [s for _, s in waits] == pytest.approx([4.0, 8.0], abs=0.2)


@pytest.mark.parametrize(("confirmed", "status"), [(True, 0), (False, 13)])
def test_an_indication_is_told_as_confirmed_or_timed_out(confirmed, status):
    class Server:
        async def indicate_subscriber(self, connection, attribute, data, force):
            if not confirmed:
                raise TimeoutError

    async def story():
        told = []
        attribute = SimpleNamespace(handle=16)
        parameters = SimpleNamespace(connection_interval=0.0)
        link = SimpleNamespace(handle=5, parameters=parameters)
        box = Outbox(Server(), link, {16: attribute}, Faults(), told.append)
        box.put(16, b"abc", True)
        for _ in range(20):
            await asyncio.sleep(0)
        box.close()
        return told

    assert asyncio.run(story()) == [struct.pack("<BHHB", 20, 5, 16, status)]


# --- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "names"),
    [
        (0x02, ["READABLE"]),
        (0x04, ["WRITEABLE"]),
        (0x08, ["WRITEABLE"]),
        (0x0200, ["READ_REQUIRES_ENCRYPTION"]),
        (0x0400, ["READ_REQUIRES_AUTHENTICATION"]),
        (0x1000, ["WRITE_REQUIRES_ENCRYPTION"]),
        (0x2000, ["WRITE_REQUIRES_AUTHENTICATION"]),
        (0x0A, ["READABLE", "WRITEABLE"]),
        *[(1 << bit, []) for bit in (0, 4, 5, 6, 7, 8, 11, 14)],
    ],
)
def test_a_flag_of_micropythons_is_a_permission(flag, names):
    wanted = Attribute.Permissions(0)
    for name in names:
        wanted |= Attribute.Permissions[name]
    table = GattTable(None, None)
    value = table._attribute(Characteristic, "2A19", flag)
    assert value.permissions == wanted and int(value.properties) == flag & 0x7F
    assert table._attribute(Descriptor, "2901", flag).permissions == wanted


def test_services_get_the_handles_of_their_values_and_descriptors():
    class Device:
        def __init__(self):
            self.at = 10

        def add_service(self, service):
            for one in service.characteristics:
                for attribute in (one, *one.descriptors):
                    self.at += 1
                    attribute.handle = self.at

    table = GattTable(Device(), None)
    rows = [["2A19", 0x0A, [["2901", 2], ["2904", 2]]], ["2A1A", 0x10, []]]
    assert table.register([["180F", rows], ["1810", [["2A35", 2, []]]]]) == [
        [11, 12, 13, 14],
        [15],
    ]
    assert table.values == dict.fromkeys(range(11, 16), b"") and set(table.attributes) == {
        *range(11, 16),
    }


@pytest.mark.parametrize("flags", [0x02, 0x08, 0x04, 0x0A, 0x10, 0x28])
def test_who_may_not_read_or_write_a_value_is_refused_as_a_device_does_it(flags):
    """Bumble's server looks at encryption alone; a device's stack at what was registered."""
    written = []

    async def note(connection, handle, value):
        written.append(value)

    table = GattTable(None, note)
    value = table._attribute(Characteristic, "2A19", flags)
    value.handle = 7
    table.values[7] = b"2"

    async def refused(work):
        try:
            await work
        except att.ATT_Error as error:
            return int(error.error_code)
        return None

    async def ask():
        return await refused(value.write_value(None, b"x")), await refused(value.read_value(None))

    not_written, not_read = asyncio.run(ask())
    assert not_written == (None if flags & 0x0C else 0x03) and not_read == (
        None if flags & 0x02 else 0x02
    )
    assert written == ([b"x"] if flags & 0x0C else [])
