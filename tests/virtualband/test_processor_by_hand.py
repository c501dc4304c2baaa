"""The virtual processor without its VM: what a request means, how it sleeps, when it is reset."""

from types import SimpleNamespace

import pytest
from fakes.worlds import StillWorld
from notturno.virtualband import processor as of_processor
from notturno.virtualband.board import Board
from notturno.virtualband.clock import FOREVER, Clock
from notturno.virtualband.processor import FirmwareStopped, Processor
from notturno.virtualband.vmlink import Request

VBUS, BUTTON, VBAT, CHIP = 1, 2, 4, 0x6A
# The line's operations, as vm/link.mjs numbers them.
POLL, WAIT, I2C_READ, I2C_WRITE, PROBE, SETUP, PIN, WATCH, ADC, BLE, OUT = range(11)
STATE, BOOT, WATCHDOG, KEPT, SET_RTC, SYNCED = range(11, 17)
ON_PIN, DEEP = 2, 4
POWER_ON, BITTEN = 1, 3


class World(StillWorld):
    """The button goes down at `down_s` and up again 0.3 s later."""

    down_s = 1e9

    def button(self, t_s):
        return self.down_s <= t_s < self.down_s + 0.3

    def next_change_s(self, t_s):
        return next((at for at in (self.down_s, self.down_s + 0.3) if at > t_s), FOREVER)


class Chip:
    address, rate_hz = CHIP, 0.0

    def read(self, register, n, now_us):
        return bytes([register] * n)

    def write(self, register, data, now_us):
        self.wrote = register, bytes(data)


class Vm:
    """A process that asks what a test says, and keeps what it is answered."""

    def __init__(self, *asked, said="", used_s=()):
        self.asked, self.answers, self.kills = list(asked), [], 0
        self.said, self.used_s = said, list(used_s)

    def next_request(self):
        return self.asked.pop(0) if self.asked else None

    def answer(self, *answer):
        self.answers.append(answer)
        return True

    def kill(self):
        self.kills += 1

    def close(self):
        return self.said

    def cpu_s(self):
        return self.used_s.pop(0)


class Radio:
    state, cycles = "", 0

    def call(self, op, payload):
        return op, payload[::-1]

    def power_cycle(self):
        self.cycles += 1


class Prompt:
    def __init__(self):
        self.printed, self.states = [], []
        self.of = lambda processor: None
        self.print, self.shown = self.printed.append, self.states.append


class Lab:
    """A processor and all that is soldered to it."""

    def __init__(self, ended_us=FOREVER, **more):
        self.clock, self.world, self.prompt = Clock(lambda: 0.0), World(), Prompt()
        self.radio, self.lives, self.boots = Radio(), [], 0
        self.board = Board(self.world, Chip(), self.clock)
        parts = SimpleNamespace(
            clock=self.clock,
            board=self.board,
            flash=SimpleNamespace(next_boot=self.next_boot),
            prompt=self.prompt,
            new_chip=Chip,
            start_vm=self.start_vm,
            **{"seed": 1, "clock_chip": True, "ended_us": ended_us, **more},
        )
        self.one = Processor(parts, self.make_radio)

    def make_radio(self, told):
        self.tell = told
        return self.radio

    def next_boot(self):
        self.boots += 1
        return self.boots

    def start_vm(self, cause, rtc_offset_s):
        self.lives.append((cause, rtc_offset_s))
        return Vm(), rtc_offset_s

    def ask(self, op, a=0, b=0, n=0, number=0.0, payload=b""):
        return self.one._handle(Request(op, a, b, n, number, payload))

    def rows(self):
        return self.one.ledger.rows()


@pytest.fixture
def lab():
    return Lab()


# --- requests ------------------------------------------------------------------------------------


def test_what_a_request_asks_of_the_board(lab):
    assert lab.ask(I2C_READ, CHIP, 7, 3) == (0, b"\7\7\7")
    assert lab.ask(I2C_READ, 0x1D, 7, 3) == (-19, b"")
    assert lab.ask(I2C_WRITE, CHIP, 8, payload=b"ab") == (0, b"")
    assert lab.board.chip.wrote == (8, b"ab")
    assert lab.ask(PROBE, CHIP) == (0, b"") and lab.ask(PROBE, 0x1D) == (-19, b"")
    assert lab.ask(SETUP, n=50_000, number=7.0) == (0, b"")
    assert (lab.board._wires.freq_hz, lab.board._wires.timeout_us) == (50_000, 7.0)
    assert lab.ask(PIN, BUTTON) == (1, b"") and lab.ask(PIN, VBUS) == (0, b"")
    assert lab.ask(ADC, VBAT) == (1_950_000, b"")
    assert lab.ask(BLE, 5, payload=b"abc") == (5, b"cba")
    assert lab.ask(WATCH, BUTTON, 3) == (0, b"") and lab.board._watched == {BUTTON: (3, 1)}


def test_who_only_looks_at_the_clock_pays_a_millisecond(lab):
    assert lab.ask(POLL) == (0, b"") and lab.clock.now_us() == 1000.0


def test_rtc_memory_is_put_and_read_again(lab):
    assert lab.ask(KEPT, 1) == (0, b"")
    assert lab.ask(KEPT, 0, payload=b"kept") == (0, b"kept") == lab.ask(KEPT, 1, payload=b"x")


def test_what_a_request_tells(lab):
    assert lab.ask(WATCHDOG, n=8000) == (0, b"") and lab.one._watchdog.deadline_us == 8e6
    assert lab.ask(SET_RTC, number=-3.5) == (0, b"") and lab.one._rtc_offset_s == -3.5
    assert lab.ask(SYNCED) == (0, b"") == lab.ask(SYNCED) and lab.rows()["flash_writes"] == 2
    assert lab.ask(STATE, 2) == (0, b"") == lab.ask(STATE, 1)
    assert lab.prompt.states == [True, False]
    with pytest.raises(ValueError, match="asks for 17"):
        lab.ask(17)


def test_a_boot_gives_chance_by_the_part_and_the_boot_and_the_parts_own_number():
    lab = Lab(seed=1)
    lab.ask(WATCHDOG, n=8000)
    # 0x9E3779B1 + 0x85EBCA6B + 0x01234567, and as much as another boot more, of 32 bits
    assert lab.ask(BOOT) == (0, bytes.fromhex("8389462500000101"))
    assert lab.ask(BOOT)[1][:4] == (0x25468983 + 0x85EBCA6B).to_bytes(4, "little")
    assert lab.rows()["starts"] == 2 == lab.radio.cycles and not lab.one._watchdog.on
    other = Lab(seed=0x7000102, clock_chip=False)
    chance = (0x7000102 * 0x9E3779B1 + 0x85EBCA6B + 0x01234567) % 2**32
    assert other.ask(BOOT)[1] == chance.to_bytes(4, "little") + b"\0\1\2" + b"\0"


# --- waiting -------------------------------------------------------------------------------------


def test_an_awake_wait_lasts_to_its_end(lab):
    assert lab.ask(WAIT, number=5e6) == (0, b"")
    assert lab.clock.now_us() == 5e6 and lab.rows()["awake_s"] == 5.0
    assert lab.ask(WAIT, number=4e6) == (0, b"") and lab.clock.now_us() == 5e6


def test_a_light_sleep_is_booked_and_ended_by_a_pin_that_may_wake(lab):
    lab.world.down_s = 3.0
    lab.ask(WATCH, BUTTON, 1)
    assert lab.ask(WAIT, ON_PIN, number=9e6) == (2, b"")
    assert lab.clock.now_us() == 3e6
    assert bytes(lab.one._events) == bytes([3, 2, 0, BUTTON, 0])  # a pin's, of two bytes
    rows = lab.rows()
    assert (rows["light_sleep_s"], rows["light_sleeps"], rows["awake_s"]) == (3.0, 1, 0.0)


def test_a_pin_that_may_not_wake_is_told_and_ends_an_awake_wait_alone(lab):
    lab.world.down_s = 3.0
    lab.ask(WATCH, BUTTON, 0)
    assert lab.ask(WAIT, ON_PIN, number=9e6) == (0, b"") and lab.clock.now_us() == 9e6
    assert len(lab.one._events) == 2 * 5
    awake = Lab()
    awake.world.down_s = 3.0
    awake.ask(WATCH, BUTTON, 1)
    assert awake.ask(WAIT, number=9e6) == (2, b"") and awake.clock.now_us() == 3e6


@pytest.mark.parametrize(("level", "wakes"), [(3, True), (2, False)])
def test_no_sleep_lasts_at_a_level_that_wakes(lab, level, wakes):
    lab.ask(WATCH, BUTTON, level)  # up: high
    assert lab.ask(WAIT, ON_PIN, number=9e6) == (2 if wakes else 0, b"")
    assert lab.clock.now_us() == (0 if wakes else 9e6)
    assert lab.ask(WAIT, number=10e6) == (0, b"") and lab.clock.now_us() == 10e6, "awake"


def test_a_deep_sleep_ends_the_watchdog_and_a_light_one_lets_it_count(lab):
    lab.ask(WATCHDOG, n=2000)
    assert lab.ask(WAIT, ON_PIN, number=5e6) == (0, b"") and lab.one._watchdog.overdue
    assert lab.ask(WAIT, ON_PIN | DEEP, number=9e6) == (0, b"")
    rows = lab.rows()
    assert (rows["deep_sleep_s"], rows["light_sleep_s"], rows["light_sleeps"]) == (4.0, 5.0, 1)
    assert not lab.one._watchdog.on


def test_an_awake_wait_ends_where_the_watchdog_bites(lab):
    lab.ask(WATCHDOG, n=2000)
    assert lab.ask(WAIT, number=9e6) == (0, b"") and lab.clock.now_us() == 2e6


def test_what_has_come_meanwhile_ends_an_awake_wait_at_once_and_no_sleep(lab):
    lab.tell(b"event")
    assert bytes(lab.one._events) == b"\1\5\0event"
    lab.one.hear(b"key")
    assert bytes(lab.one._events) == b"\1\5\0event\2\3\0key"
    assert lab.ask(WAIT, number=-1.0) == (0, b"") and lab.clock.now_us() == 0
    assert lab.ask(WAIT, ON_PIN, number=5e6) == (0, b"") and lab.clock.now_us() == 5e6


def test_time_walks_with_the_wall_once_the_nights_are_over():
    lab = Lab(ended_us=7e6)
    assert lab.ask(WAIT, number=6e6) == (0, b"") and not lab.clock.paced
    assert lab.ask(WAIT, number=7e6) == (0, b"") and lab.clock.paced
    assert lab.clock._reasons == {"over"}


def test_what_the_sensor_and_the_radio_spend_is_booked_as_they_were(lab):
    lab.board.chip.rate_hz, lab.radio.state = 104.0, "idle"
    lab.ask(WAIT, number=5e6)
    lab.one.ledger.rows()
    lab.board.chip.rate_hz, lab.radio.state = 0.0, "connected"
    lab.ask(WAIT, number=7e6)
    lab.board.chip = None
    rows = lab.rows()
    assert (rows["imu_on_s"], rows["radio_idle_s"], rows["radio_connected_s"]) == (5.0, 5.0, 2.0)


# --- serving, and lives --------------------------------------------------------------------------


def served(lab, *asked):
    lab.one._process = Vm(*(Request(*each) for each in asked))
    lab.one._serve()
    return lab.one._process


def test_each_answer_has_the_time_and_all_that_has_come_since_the_last(lab):
    lab.tell(b"one")
    vm = served(
        lab,
        (OUT, 0, 0, 0, 0.0, b"said"),
        (WAIT, ON_PIN, 0, 0, 2e6, b""),
        (I2C_READ, CHIP, 9, 2, 0.0, b""),
    )
    took_us = (2 + 3) * 9 * 2.5 // 1  # on the wires at 400 kHz
    assert vm.answers == [
        (0, 2e6, False, bytes([VBUS, 0, BUTTON, 1]), b"\1\3\0one"),
        (0, 2e6 + took_us, False, b"\x09\x09", b""),
    ]
    assert lab.prompt.printed == [b"said"] and lab.one.requests == 2


def test_the_end_of_a_wait_in_free_time_says_what_dock_and_button_are(lab):
    lab.world.down_s = 2.0
    lab.world.docked = lambda t_s: t_s >= 3
    vm = served(lab, *[(WAIT, 0, 0, 0, at_us, b"") for at_us in (1e6, 2e6, 3e6)])
    said = [answer[3] for answer in vm.answers]
    assert said == [b"\1\0\2\1", b"\1\0\2\0", b"\1\1\2\1"]
    lab.clock.pace("somebody looks", True)  # from now on they may change under its eyes
    assert served(lab, (WAIT, 0, 0, 0, 3e6, b"")).answers == [(0, 3e6, True, b"", b"")]


def test_a_watchdog_is_fed_without_an_answer(lab):
    vm = served(lab, (WATCHDOG, 0, 0, 8000, 0.0, b""), (POLL, 0, 0, 0, 0.0, b""))
    assert lab.one._watchdog.deadline_us == 8e6 and lab.one.requests == 2
    assert vm.answers == [(0, 1000.0, False, b"", b"")]


def test_a_watchdog_that_bites_answers_nothing_more(lab):
    lab.ask(WATCHDOG, n=2000)
    vm = served(lab, (WAIT, 0, 0, 0, 9e6, b""), (POLL, 0, 0, 0, 0.0, b""))
    assert vm.answers == [] and vm.kills == 1 and lab.one._bitten
    assert len(vm.asked) == 1


def spoilt(lab):
    """Let a life leave something behind in all that a reset may clear."""
    lab.ask(WATCHDOG, n=2000)
    lab.ask(KEPT, 0, payload=b"kept")
    lab.ask(SET_RTC, number=12.5)
    lab.tell(b"event")
    lab.one._cut = lab.one._bitten = True


def test_a_power_cut_takes_the_chip_the_clock_and_its_memory(lab):
    before = lab.board.chip
    spoilt(lab)
    lab.one._power_on_again()
    assert lab.lives == [(POWER_ON, None)] and lab.ask(KEPT, 1) == (0, b"")
    assert not lab.one._events and not lab.one._cut and not lab.one._watchdog.on
    assert lab.radio.cycles == 1
    assert lab.board.chip is not before and lab.ask(PROBE, CHIP) == (0, b"")


def test_a_bite_leaves_the_chip_the_clock_and_its_memory(lab):
    before = lab.board.chip
    spoilt(lab)
    lab.one._start_after_bite()
    assert lab.lives == [(BITTEN, 12.5)] and lab.ask(KEPT, 1) == (0, b"kept")
    assert not lab.one._events and not lab.one._bitten and not lab.one._watchdog.on
    assert lab.radio.cycles == 1 and lab.board.chip is before


def test_a_program_that_ends_by_itself_is_told_by_the_last_that_it_said(lab):
    lab.one._process = Vm(said="x" * 500 + "y" * 2000)
    lab.one._live()
    assert isinstance(lab.one.failure, FirmwareStopped)
    assert str(lab.one.failure).endswith("stopped: " + "y" * 2000)


class Looked(Exception):
    pass


def hang_watched(lab, monkeypatch, used_s, before=lambda look: None):
    """Let the thread that looks for hangs look once for each of `used_s`; return its waits."""
    waits = []

    def sleep(s):
        if len(waits) == len(used_s):
            raise Looked
        before(len(waits))
        waits.append(s)

    monkeypatch.setattr(of_processor.time, "sleep", sleep)
    lab.one._process = Vm(used_s=used_s)
    with pytest.raises(Looked):
        lab.one._look_for_hangs()
    return lab.one._process.kills, waits


@pytest.mark.parametrize(
    ("used_s", "bites"),
    [((1.0, 3.5), 0), ((1.0, 3.51), 1), ((1.0, 2.0, 3.0, 3.6), 1), ((0.0, 2.5), 0)],
)
def test_a_program_hangs_that_computes_two_and_a_half_seconds_and_asks_for_nothing(
    lab, monkeypatch, used_s, bites
):
    lab.ask(WATCHDOG, n=8000)
    kills, waits = hang_watched(lab, monkeypatch, used_s)
    assert kills == bites and set(waits) == {0.25}
    assert lab.clock.now_us() == (8e6 if bites else 0)
    assert lab.rows()["awake_s"] == (8.0 if bites else 0.0)


@pytest.mark.parametrize(("after_us", "bitten_us"), [(3e6, 8e6), (8e6, 8e6), (9e6, 9e6)])
def test_a_hang_lasts_to_the_watchdogs_limit(lab, monkeypatch, after_us, bitten_us):
    lab.ask(WATCHDOG, n=8000)
    lab.clock.pass_us(after_us)
    assert hang_watched(lab, monkeypatch, (1.0, 3.6))[0] == 1
    assert lab.clock.now_us() == bitten_us


def test_who_asks_or_has_no_watchdog_or_cannot_be_timed_does_not_hang(lab, monkeypatch):
    def asks(look):
        lab.one.requests += 1

    lab.ask(WATCHDOG, n=8000)
    assert hang_watched(lab, monkeypatch, (0.0, 9.0, 20.0), asks)[0] == 0
    assert hang_watched(lab, monkeypatch, (0.0, None, 9.0))[0] == 1, "since it was last timed"
    lab.one._watchdog.off()
    assert hang_watched(lab, monkeypatch, (0.0, 9.0, 20.0))[0] == 0
