"""The VM's stand-ins for a device's modules, in this process: what they ask the world by bytes.

Each module runs as it is, over a `_sim` that keeps what it is asked. Numbers and layouts are those
of MicroPython's own modules and documentation.
"""

import json
import struct
import sys
import types
from pathlib import Path

import pytest
from notturno import virtualband

SHIMS = Path(virtualband.__file__).parent / "shims"


class Sim:
    """The world behind the shims: `asked` as it came; answers as a test sets them."""

    def __init__(self):
        self.asked = []
        self.answers = {}  # name -> what to return, or a list to be returned in turn
        self.filled = {}  # name -> bytes that a call writes into its last buffer

    def __getattr__(self, name):
        def call(*arguments):
            kept = [bytes(a) if isinstance(a, bytes | bytearray) else a for a in arguments]
            self.asked.append((name, *kept))
            if name in self.filled:
                buffer = [a for a in arguments if isinstance(a, bytearray)][-1]
                buffer[: len(self.filled[name])] = self.filled[name]
            answer = self.answers.get(name, 0)
            return answer.pop(0) if isinstance(answer, list) else answer

        return call

    def of(self, name):
        return [row[1:] for row in self.asked if row[0] == name]


@pytest.fixture
def shim(monkeypatch):
    """Return load(name) -> module, with `.sim` its world."""
    sim = Sim()
    vm = types.ModuleType("_vm")
    vm.handlers, vm.delivered = {}, []
    vm.deliver = lambda: vm.delivered.append(1)
    uctypes = types.ModuleType("uctypes")
    uctypes.addressof = lambda buffer: buffer
    time = types.ModuleType("time")
    time.now_ms = 0
    time.ticks_ms = lambda: time.now_ms
    time.ticks_add = lambda a, b: a + b
    time.ticks_diff = lambda a, b: a - b
    time.gmtime = lambda s=None: (2026, 1, 13, 9, 8, 7, 1, 13)
    time.mktime = lambda when: list(when)
    for name, module in {"_sim": sim, "_vm": vm, "uctypes": uctypes, "time": time}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "utime", time)

    def load(name):
        source = (SHIMS / f"{name}.py").read_text(encoding="utf-8")
        module = types.ModuleType(name)
        exec(compile(source, f"{name}.py", "exec"), vars(module))
        module.sim, module.vm, module.clock = sim, vm, time
        return module

    return load


# --- machine -------------------------------------------------------------------------------------


def test_the_numbers_of_machine_are_the_ports(shim):
    machine = shim("machine")
    causes = [f"{name}_RESET" for name in ("PWRON", "HARD", "WDT", "DEEPSLEEP", "SOFT")]
    assert [getattr(machine, name) for name in causes] == [1, 2, 3, 4, 5]
    assert (machine.IDLE, machine.SLEEP, machine.DEEPSLEEP) == (0, 2, 4)
    wakes = machine.EXT0_WAKE, machine.EXT1_WAKE, machine.TIMER_WAKE, machine.GPIO_WAKE
    assert wakes == (2, 3, 4, 7)
    pin = machine.Pin
    assert (pin.IN, pin.OUT, pin.OPEN_DRAIN, pin.PULL_DOWN, pin.PULL_UP) == (1, 3, 7, 1, 2)
    assert (pin.IRQ_RISING, pin.IRQ_FALLING, pin.WAKE_LOW, pin.WAKE_HIGH) == (1, 2, 4, 5)
    assert (pin.DRIVE_0, pin.DRIVE_1, pin.DRIVE_2, pin.DRIVE_3) == (0, 1, 2, 3)
    adc = machine.ADC
    assert (adc.ATTN_0DB, adc.ATTN_2_5DB, adc.ATTN_6DB, adc.ATTN_11DB) == (0, 1, 2, 3)


def test_the_processors_clock_identity_and_resets(shim):
    machine = shim("machine")
    assert machine.freq() == 80_000_000
    machine.freq(160_000_000)
    assert machine.freq() == 160_000_000
    machine.sim.answers["id_byte"] = [7, 8, 9]
    assert machine.unique_id() == b"\x02NT\x07\x08\x09"
    for call, code in ((machine.reset, 2), (machine.soft_reset, 5)):
        with pytest.raises(SystemExit):
            call()
        assert machine.sim.of("reset")[-1] == (code,)
    assert machine.disable_irq() == 0


def test_a_light_sleep_ends_by_time_or_by_a_pin(shim):
    machine = shim("machine")

    def asleep(ms_left, deep):
        machine.clock.now_ms += min(ms_left, 400)
        return 0

    machine.sim.sleep = lambda ms, deep: slept.append((ms, deep)) or asleep(ms, deep)
    slept = []
    machine.lightsleep(1000)
    assert slept == [(1000, 0), (600, 0), (200, 0)] and machine.wake_reason() == 4
    machine.lightsleep(0)
    assert len(slept) == 3
    answers = [0, 1, 2]
    machine.sim.sleep = lambda ms, deep: slept.append((ms, deep)) or answers.pop(0)
    machine.lightsleep(500)
    assert slept[3:] == [(500, 0)] * 3 and machine.wake_reason() == 2
    answers += [0, 2]
    machine.lightsleep()
    assert slept[6:] == [(-1, 0)] * 2 and machine.wake_reason() == 2


def test_a_deep_sleep_tells_what_woke_it_and_starts_anew(shim):
    machine = shim("machine")
    machine.sim.answers["sleep"] = 2
    with pytest.raises(SystemExit):
        machine.deepsleep(60_000)
    assert machine.sim.of("sleep") == [(60_000, 1)]
    assert machine.sim.of("wakes_for") == [(2,)] and machine.sim.of("reset") == [(4,)]


def test_a_pin_is_driven_or_read_and_in_the_rtc_reads_zero(shim):
    machine = shim("machine")
    machine.sim.answers["pin"] = 1
    inward = machine.Pin(5, machine.Pin.IN)
    assert inward() == 1 and machine.sim.of("drive_pin") == []
    out = machine.Pin(6, machine.Pin.OUT, value=0)
    assert machine.sim.of("drive_pin") == [(6, 1)] and out.value() == 0
    out.on()
    out.off()
    drain = machine.Pin(machine.Pin(7), machine.Pin.OPEN_DRAIN, value=1)
    assert machine.sim.of("drive_pin") == [(6, 1), (6, 2), (6, 1), (7, 2)] and drain() == 1
    machine.Pin._rtc_pads.add(5)
    machine.lightsleep(0)
    assert inward() == 0
    assert machine.Pin(5, machine.Pin.IN)() == 1, "made anew"


def test_a_pins_interrupt_is_of_the_edge_that_was_asked_for(shim):
    machine = shim("machine")
    heard = []
    for number, trigger in ((1, 1), (2, 2), (3, 3)):
        machine.Pin(number).irq(lambda pin: heard.append(pin.number), trigger)
    machine.Pin(4).irq(None, 3, wake=4)
    assert machine.sim.of("watch_pin") == [(1, 0), (2, 0), (3, 0), (4, 1)]
    for level in (0, 1):
        for number in (1, 2, 3, 4, 9):
            machine.vm.handlers[3](bytes([3, number, level]), 3)
    assert heard == [2, 3, 1, 3]
    signal = machine.Signal(machine.Pin(8, machine.Pin.OUT, value=0), invert=True)
    assert signal.value() == 1
    signal.value(1)
    assert machine.sim.of("drive_pin")[-1] == (8, 1)


def test_a_converter_in_microvolts_and_in_sixteen_bits_of_3_1_volts(shim):
    machine = shim("machine")
    adc = machine.ADC(machine.Pin(4))
    for uv, u16 in ((0, 0), (1_550_000, 32_767), (3_100_000, 65_535), (3_200_000, 65_535)):
        machine.sim.answers["adc_uv"] = uv
        assert (adc.read_uv(), adc.read_u16()) == (uv, u16)
    assert machine.sim.of("adc_uv")[0] == (4,)


def test_the_bus_of_the_board(shim):
    machine = shim("machine")
    bus = machine.I2C(0)
    machine.I2C(1, freq=100_000, timeout=9)
    assert machine.sim.of("i2c_setup") == [(400_000, 50_000), (100_000, 9)]
    machine.sim.filled["i2c_read"] = b"\x6c\x01"
    assert bus.readfrom_mem(0x6A, 0x0F, 3) == b"\x6c\x01\x00"
    bus.writeto_mem(0x6A, 0x10, b"\x48")
    assert bus.writeto(0x6A, b"\x12\x44") == 2 and bus.writeto(0x6A, b"") == 0
    assert machine.sim.of("i2c_read") == [(0x6A, 0x0F, bytes(3), 3)]
    assert [row[:2] for row in machine.sim.of("i2c_write")] == [(0x6A, 0x10), (0x6A, 0x12)]
    assert [row[3] for row in machine.sim.of("i2c_write")] == [1, 1]
    machine.sim.answers["i2c_read"] = -19
    with pytest.raises(OSError, match="19") as error:
        bus.readfrom_mem(0x6A, 0, 1)
    assert error.value.args == (19,)
    machine.sim.answers["i2c_probe"] = [
        0 if address == 0x6A else -19 for address in range(8, 0x78)
    ]
    assert bus.scan() == [0x6A]
    assert [at for (at,) in machine.sim.of("i2c_probe")[1:]] == list(range(8, 0x78))


def test_rtc_memory_and_its_date(shim):
    machine = shim("machine")
    rtc = machine.RTC()
    machine.sim.filled["kept"], machine.sim.answers["kept"] = b"abc", 3
    assert rtc.memory() == b"abc"
    assert machine.sim.of("kept") == [(bytes(2048), 2048)]
    rtc.memory(bytes(2048))
    assert machine.sim.of("keep") == [(bytes(2048), 2048)]
    with pytest.raises(ValueError, match="too long"):
        rtc.memory(bytes(2049))
    assert rtc.datetime() == (2026, 1, 13, 1, 9, 8, 7, 0)
    rtc.init((2026, 1, 13, 5, 9, 8, 7, 99))
    assert machine.sim.of("set_rtc_s") == [([2026, 1, 13, 9, 8, 7, 0, 0],)]


def test_a_watchdogs_limit_in_ms(shim):
    machine = shim("machine")
    machine.WDT().feed()
    machine.WDT(timeout=1)
    assert machine.sim.of("watchdog") == [(5000,), (0,), (1,)]
    with pytest.raises(ValueError, match="too short"):
        machine.WDT(timeout=0)


# --- esp32, time, cryptolib ----------------------------------------------------------------------


def test_the_wake_sources_of_an_esp32(shim, monkeypatch):
    machine = shim("machine")
    monkeypatch.setitem(sys.modules, "machine", machine)
    esp32 = shim("esp32")
    one, two = machine.Pin(1), machine.Pin(2)
    esp32.wake_on_ext0(one, esp32.WAKEUP_ANY_HIGH)
    esp32.wake_on_ext0(None)
    esp32.wake_on_ext1((one, two), esp32.WAKEUP_ALL_LOW)
    esp32.wake_on_ext1(None)
    esp32.wake_on_gpio((machine.Pin(3),), esp32.WAKEUP_ALL_LOW)
    assert machine.sim.of("watch_pin") == [(1, 3), (1, 2), (2, 2), (3, 2)]
    assert machine.Pin._rtc_pads == {1, 2}, "by gpio a pad stays as it is"
    assert (esp32.raw_temperature(), esp32.mcu_temperature()) == (95, 35)


def test_a_sleep_lets_virtual_time_pass_and_takes_in_what_came(shim):
    clock = shim("time")
    waited = []

    def wait(ms):
        waited.append(ms)
        clock.clock.now_ms += min(ms, 30)

    clock.sim.wait = wait
    clock.sim.answers["events"] = [0, 1, 0, 0, 0, 0, 0, 0]
    clock.sleep_ms(70)
    assert waited == [70, 40, 10] and clock.vm.delivered == [1]
    for call, us, ms in (
        (clock.sleep_us, 1, 1),
        (clock.sleep_us, 1001, 2),
        (clock.sleep, 0.02, 20),
    ):
        waited.clear()
        call(us)
        assert waited == [ms]
    waited.clear()
    clock.sleep_us(0)
    clock.sleep_ms(-5)
    clock.sleep_ms(0)
    assert waited == []


@pytest.mark.parametrize(
    ("before_s", "us", "after_s", "ns"),
    [
        (7, 123_456, 7, 7_123_456_000),
        (7, 999_999, 8, 7_999_999_000),
        (7, 3, 8, 8_000_003_000),
        (7, 499_999, 8, 8_499_999_000),
        (7, 500_000, 8, 7_500_000_000),
    ],
)
def test_the_clock_of_two_readings_is_of_one_second(shim, before_s, us, after_s, ns):
    clock = shim("time")
    clock.sim.answers.update({"rtc_s": [before_s, after_s], "rtc_us": us})
    assert clock.time_ns() == ns


def test_seconds_count_from_2000(shim):
    clock = shim("time")
    clock._gmtime, clock._mktime = lambda s: s, lambda when: when
    clock.sim.answers["rtc_s"] = 5
    assert clock.gmtime() == 946_684_805 and clock.gmtime(0) == 946_684_800
    assert clock.mktime(946_684_900) == 100 and clock.time() == 5


def test_aes_is_what_the_port_has_and_refuses_the_rest(shim):
    cryptolib = shim("cryptolib")
    key, iv = b"k" * 16, b"i" * 16
    for mode in (0, 3, 6):
        with pytest.raises(ValueError, match="mode"):
            cryptolib.aes(key, mode)
    for length in (0, 15, 17, 24, 31, 33):
        with pytest.raises(ValueError, match="key"):
            cryptolib.aes(bytes(length), 1)
    for arguments in ((2,), (2, b"i" * 15), (1, b"i" * 17), (2, b"i" * 17)):
        with pytest.raises(ValueError, match="IV"):
            cryptolib.aes(key, *arguments)
    ecb = cryptolib.aes(key, 1)
    assert ecb.encrypt(bytes(32)) == bytes(32) and ecb.encrypt(b"") == b""
    with pytest.raises(ValueError, match="encrypt & decrypt"):
        ecb.decrypt(bytes(16))
    with pytest.raises(ValueError, match="16"):
        ecb.encrypt(bytes(15))
    out = bytearray(16)
    with pytest.raises(ValueError, match="output"):
        ecb.encrypt(bytes(32), out)
    cbc = cryptolib.aes(b"K" * 32, 2, iv)
    assert cbc.decrypt(bytes(16), out) is out
    assert cryptolib.sim.of("aes") == [
        (True, key, 16, 0, bytes(32), 32, bytes(32)),
        (False, b"K" * 32, 32, iv, bytes(16), 16, bytes(16)),
    ]


# --- bluetooth -----------------------------------------------------------------------------------


def radio(shim):
    bluetooth = shim("bluetooth")
    ble = bluetooth.BLE()
    assert bluetooth.BLE() is ble
    return bluetooth, ble, bluetooth.sim


FLAGS = {
    **{"BROADCAST": 1, "READ": 2, "WRITE_NO_RESPONSE": 4, "WRITE": 8, "NOTIFY": 16},
    **{"INDICATE": 32, "AUTHENTICATED_SIGNED_WRITE": 64, "AUX_WRITE": 0x100},
    **{"READ_ENCRYPTED": 0x200, "READ_AUTHENTICATED": 0x400, "READ_AUTHORIZED": 0x800},
    **{"WRITE_ENCRYPTED": 0x1000, "WRITE_AUTHENTICATED": 0x2000, "WRITE_AUTHORIZED": 0x4000},
}


def test_the_flags_are_micropythons(shim):
    bluetooth = shim("bluetooth")
    assert {name: getattr(bluetooth, f"FLAG_{name}") for name in FLAGS} == FLAGS


def test_a_uuid_in_its_three_forms(shim):
    uuid = shim("bluetooth").UUID
    assert bytes(iter(uuid(0x180F))) == b"\x0f\x18" == bytes(iter(uuid("180F")))
    long = "6e6f7474-7572-6e6f-0001-000000000001"
    assert uuid(long).hex() == long.replace("-", "") and len(uuid(long)) == 16
    assert uuid(0x180F) == uuid(b"\x0f\x18") and uuid(1) != uuid(2) and uuid(1) != 1
    assert hash(uuid(1)) == hash(uuid(b"\1\0")) and repr(uuid(0x180F)) == "UUID(180f)"
    for wrong in ("", "18", "180F0", long + "0"):
        with pytest.raises(ValueError, match="UUID"):
            uuid(wrong)


def requests(sim):
    """Return (op, bytes) of what the radio was asked."""
    return [(op, data if n else b"") for op, data, n, _, _ in sim.of("ble")]


def test_the_radio_goes_on_once_and_is_needed(shim):
    _, ble, sim = radio(shim)
    for call in (
        lambda: ble.gap_advertise(1),
        lambda: ble.gap_disconnect(1),
        lambda: ble.gatts_register_services(()),
        lambda: ble.gatts_notify(1, 2, b""),
    ):
        with pytest.raises(OSError, match="19") as error:  # ENODEV
            call()
        assert error.value.args == (19,)
    assert [ble.active(), ble.active(True), ble.active(True), ble.active()] == [
        *[False, True, True, True],
    ]
    ble.active(False)
    assert requests(sim) == [(0, b"\1"), (0, b"\0")]


def test_advertising_as_the_radio_is_told(shim):
    _, ble, sim = radio(shim)
    ble.active(True)
    ble.gap_advertise(250_000, b"abc", resp_data=b"de", connectable=False)
    ble.gap_advertise(100, bytes(31))
    ble.gap_advertise(None)
    with pytest.raises(OSError, match="22") as error:  # EINVAL
        ble.gap_advertise(100, bytes(32))
    assert error.value.args == (22,)
    assert requests(sim)[1:] == [
        (3, struct.pack("<iBB", 250_000, 0, 3) + b"abcde"),
        (3, struct.pack("<iBB", 100, 1, 31) + bytes(31) + b"de"),
        (3, struct.pack("<iBB", -1, 1, 31) + bytes(31) + b"de"),
    ]


def test_settings_and_the_address(shim):
    _, ble, sim = radio(shim)
    assert {name: ble.config(name) for name in ("mtu", "rxbuf", "addr_mode", "io")} == {
        **{"mtu": 256, "rxbuf": 256, "addr_mode": 0, "io": 3},
    }
    ble.config(mtu=247, gap_name=b"n")
    assert json.loads(requests(sim)[-1][1])["mtu"] == 247
    assert json.loads(requests(sim)[-1][1])["gap_name"] == "n" and requests(sim)[-1][0] == 1
    with pytest.raises(ValueError, match="unknown"):
        ble.config(colour=1)
    sim.filled["ble"], sim.answers["ble"] = b"\1\2\3\4\5\6", 6
    assert ble.config("mac") == (0, b"\1\2\3\4\5\6")
    sim.answers["ble"] = -5
    with pytest.raises(OSError, match="5") as error:
        ble.config("mac")
    assert error.value.args == (5,)
    assert sim.of("ble")[-1][4] == 2048


def served(shim):
    """Return (module, an active radio with two values 16 and 18, its sim)."""
    bluetooth, ble, sim = radio(shim)
    ble.active(True)
    uuid = bluetooth.UUID
    answer = json.dumps([[16, 17, 18]]).encode()
    sim.filled["ble"], sim.answers["ble"] = answer, len(answer)
    rows = ((uuid(2), 0x0A, ((uuid(5), 2),)), (uuid(3), 0x10))
    assert ble.gatts_register_services(((uuid(1), rows),)) == ((16, 17, 18),)
    op, said = requests(sim)[-1]
    assert (op, json.loads(said)) == (
        *(2, [["0001", [["0002", 10, [["0005", 2]]], ["0003", 16, []]]]]),
    )
    sim.filled.clear()
    sim.answers.clear()
    sim.asked.clear()
    return bluetooth, ble, sim


def test_values_are_kept_here_and_told_to_the_radio(shim):
    _, ble, sim = served(shim)
    assert ble.gatts_read(16) == b""
    assert ble.gatts_write(16, b"abc") == 3 and ble.gatts_read(16) == b"abc" == ble.gatts_read(16)
    ble.gatts_write(18, b"d", True)
    ble.gatts_notify(5, 16)
    ble.gatts_notify(5, 18, b"xy")
    ble.gatts_indicate(5, 18, b"")
    ble.gattc_exchange_mtu(5)
    assert requests(sim) == [
        *[(7, b"\x10\0\0abc"), (7, b"\x12\0\1d"), (5, b"\5\0\x10\0abc"), (5, b"\5\0\x12\0xy")],
        *[(6, b"\5\0\x12\0"), (9, b"\5\0")],
    ]
    for call in (
        lambda: ble.gatts_read(99),
        lambda: ble.gatts_write(99, b""),
        lambda: ble.gatts_set_buffer(99, 1),
    ):
        with pytest.raises(OSError, match="22") as error:
            call()
        assert error.value.args == (22,)
    sim.answers["ble"] = -12
    with pytest.raises(OSError, match="12") as error:
        ble.gatts_notify(5, 16)
    assert error.value.args == (12,)
    for answer, done in ((1, True), (0, False)):
        sim.answers["ble"] = answer
        assert ble.gap_disconnect(5) is done
    assert requests(sim)[-1] == (4, b"\5\0")


def heard_by(bluetooth, ble):
    heard = []
    ble.irq(lambda event, data: heard.append((event, data)))
    return heard, lambda body: bluetooth.vm.handlers[1](b"\1" + body, len(body) + 1)


def test_each_event_of_the_radio(shim):
    bluetooth, ble, _ = served(shim)
    heard, comes = heard_by(bluetooth, ble)
    comes(struct.pack("<BHB", 1, 5, 1) + b"abcdef")
    comes(struct.pack("<BHB", 2, 5, 0) + b"abcdef")
    comes(struct.pack("<BHHB", 20, 5, 18, 7))
    comes(struct.pack("<BHH", 21, 5, 247))
    comes(struct.pack("<BHBBBB", 28, 5, 1, 0, 1, 16))
    comes(b"\x63\0\0")
    assert heard == [
        *[(1, (5, 1, b"abcdef")), (2, (5, 0, b"abcdef")), (20, (5, 18, 7)), (21, (5, 247))],
        (28, (5, True, False, True, 16)),
    ]


@pytest.mark.parametrize(
    ("limit", "length", "kept"), [(None, 20, 20), (None, 21, 20), (244, 244, 244), (244, 245, 244)]
)
def test_a_write_is_cut_as_a_device_cuts_it_and_answered_behind_the_handler(
    shim, limit, length, kept
):
    bluetooth, ble, sim = served(shim)
    heard, comes = heard_by(bluetooth, ble)
    if limit:
        ble.gatts_set_buffer(16, limit)
    comes(struct.pack("<BHHI", 3, 5, 16, 9) + b"x" * length)
    assert heard == [(3, (5, 16))] and ble.gatts_read(16) == b"x" * kept
    done = (8, struct.pack("<I", 9))
    assert requests(sim) == ([done] if kept == length else [(7, b"\x10\0\0" + b"x" * kept), done])
    comes(struct.pack("<BHHI", 3, 5, 16, 0) + b"y")
    assert requests(sim)[-1] == done, "without a ticket nobody waits"


def test_a_buffer_that_appends_is_emptied_by_reading(shim):
    bluetooth, ble, _ = served(shim)
    _, comes = heard_by(bluetooth, ble)
    ble.gatts_set_buffer(16, 6, True)
    for part in (b"abcd", b"efgh"):
        comes(struct.pack("<BHHI", 3, 5, 16, 0) + part)
    assert ble.gatts_read(16) == b"abcdef" and ble.gatts_read(16) == b""
    ble.gatts_set_buffer(16, 6)
    comes(struct.pack("<BHHI", 3, 5, 16, 0) + b"z")
    assert ble.gatts_read(16) == b"z" == ble.gatts_read(16)
