"""The thread that answers the VM: what a request means, what an event is, and when lives begin.

Touches the VM's process, the board, the radio and the serial port it is given. Virtual time is in
microseconds here, as on the line to the VM.
"""

import threading
import time
from collections.abc import Callable

from notturno.errors import UserError
from notturno.virtualband import vmlink as vl
from notturno.virtualband.board import Board
from notturno.virtualband.clock import FOREVER, Clock
from notturno.virtualband.ledger import Ledger
from notturno.virtualband.watchdog import Watched

RESTART_AFTER_S = 5.0  # wall time at a forsaken prompt before the program runs again
STUCK_S = 3.0  # wall time that a program has to react to Ctrl-C
CTRL_C = b"\x03"
SPIN_US = 1000.0  # what a program pays for only looking at the clock
SEED_STRIDE, BOOT_STRIDE = 0x9E3779B1, 0x85EBCA6B
PRINTED_BYTES = 65536  # kept of what the band prints


class FirmwareStopped(UserError):
    """The program on the band has ended, or raised."""


class Processor(Watched):
    """One processor and its lives: power-on, resets, power cuts.

    `_make_chip(world, seed)` makes the chip on its bus; `_start_vm()`, `_flash`, `_radio` and
    `_serial` come from the band that this is a part of.
    """

    def __init__(self, world, seed: int, make_chip, clock: Clock, ended_us: float):
        self.world = world
        self.clock = clock
        self._seed = seed
        self._make_chip = make_chip
        self._ended_us = ended_us
        self._ended = False  # the nights are over: time walks with the wall clock
        self._events = bytearray()
        self._woken = False
        self._printed = bytearray()
        self._served = 0  # requests of the VM so far
        self._at_prompt = False
        self._typed = False
        self._forsaken_at_s: float | None = None
        self._stopping = False
        self._cut = False  # the power was taken away by us
        self._bitten = False  # the watchdog has reset it
        self._watchdog_us: tuple[float, float] | None = None  # timeout, deadline
        self._kept = b""  # RTC memory
        self._rtc_offset_s: float | None = None  # as the program has set the RTC
        self._cause = vl.RESET_POWER_ON
        self._asleep = ""
        self._ledger = Ledger()
        self._failure: Exception | None = None
        self.board: Board | None = None

    def power_cut(self) -> None:
        """Take the power away between two instructions, and give it back."""
        with self.clock.changed:
            self._cut = True
            self._process.kill()
            self._woken = True  # whoever waits on the VM's behalf waits for nobody
            self.clock.changed.notify_all()

    def _live(self) -> None:
        try:
            while not self._stopping:
                self._serve()
                said = self._process.close()
                if self._stopping:
                    return
                if self._cut:
                    self._power_on_again()
                elif self._bitten:
                    self._start_after_bite()
                else:
                    raise FirmwareStopped(
                        "The virtual band's processor stopped: {said}", said=said[-2000:]
                    )
        except Exception as error:  # shown to whoever waits: a thread's own end is silent
            self._failure = error
            with self.clock.changed:
                self.clock.changed.notify_all()
        self._process.close()

    def _serve(self) -> None:
        process = self._process
        while (request := process.next_request()) is not None:
            if request.op == vl.OP_OUT:
                self._print(request.payload)
                continue
            self._served += 1
            status, payload = self._handle(request)
            self._spend()
            if self._overdue():
                self._bite()
                return
            with self.clock.changed:
                events = bytes(self._events)
                self._events.clear()
                self._woken = False
                now_us, paced = self.clock.now_us(), self.clock.paced
            if not process.answer(status, now_us, paced, payload, events):
                return

    def _power_on_again(self) -> None:
        """After a power cut; the chip lost its power too."""
        with self.clock.changed:
            self._cut = False
            self._events.clear()
        self._watchdog_us = None
        self._kept = b""
        self._rtc_offset_s = None
        self._cause = vl.RESET_POWER_ON
        self.board.chip = self._make_chip(self.world, self._seed)
        self._radio.power_cycle()
        self._process = self._start_vm()

    @property
    def ledger(self) -> Ledger:
        """What the band has spent, booked up to now: also while it sleeps and asks for nothing."""
        if self.board is not None:
            self._spend()
        return self._ledger

    def _spend(self) -> None:
        with self.clock.changed:  # or a sleep that ends meanwhile would be booked as awake
            self._ledger.spend(
                self.clock.now_us(), self._asleep, self._radio.state, self._sampling()
            )

    def _sampling(self) -> bool:
        chip = self.board.chip
        return chip is not None and chip.rate_hz > 0

    def _handle(self, r: vl.Request) -> tuple[int, bytes]:
        board = self.board
        op = r.op
        if op == vl.OP_I2C_READ:
            return board.i2c_read(r.a, r.b, r.n)
        if op == vl.OP_WAIT:
            return self._wait(r), b""
        if op == vl.OP_I2C_WRITE:
            return board.i2c_write(r.a, r.b, r.payload), b""
        if op == vl.OP_PIN:
            return board.pin(r.a, r.b), b""
        if op == vl.OP_ADC:
            return board.adc_uv(r.a), b""
        if op == vl.OP_BLE:
            return self._radio.call(r.a, r.payload)
        if op == vl.OP_POLL:
            self.clock.pass_us(SPIN_US)
            return 0, b""
        if op == vl.OP_I2C_PROBE:
            return board.i2c_probe(r.a), b""
        if op == vl.OP_I2C_SETUP:
            return board.i2c_setup(r.n, r.t_us), b""
        if op == vl.OP_WATCH_PIN:
            board.watch(r.a, r.b)
            return 0, b""
        if op == vl.OP_WATCHDOG:
            self._watchdog(r.n)
            return 0, b""
        if op == vl.OP_KEPT:
            if not r.a:
                self._kept = r.payload
            return 0, self._kept
        if op == vl.OP_SET_RTC:
            self._rtc_offset_s = r.t_us
            return 0, b""
        if op == vl.OP_SYNCED:
            self._ledger.count("flash_writes")
            return 0, b""
        if op == vl.OP_STATE:
            return self._state(r.a), b""
        if op == vl.OP_BOOT:
            return 0, self._boot()
        raise ValueError(f"the VM asks for {op}, which nobody knows")

    def _boot(self) -> bytes:
        """A life of the VM begins: pins and radio as after a reset; its seed and number."""
        self.board.power_on()
        self._radio.power_cycle()
        self._watchdog_us = None
        self._ledger.count("starts")
        boots = self._flash.next_boot()  # other chances than at any boot before
        seed = (self._seed * SEED_STRIDE + boots * BOOT_STRIDE + 0x1234567) & 0xFFFFFFFF
        return (
            seed.to_bytes(4, "little")
            + (self._seed & 0xFFFFFF).to_bytes(3, "big")
            + bytes([self.clock_chip])
        )

    def _state(self, state: int) -> int:
        self._at_prompt = state == vl.STATE_AT_PROMPT
        self.clock.pace("prompt", self._at_prompt)
        if not self._at_prompt:
            self._typed = False
            self._forsaken_at_s = None
        elif self._typed and not self._serial.attached:
            self._forsaken()
        return 0

    # --- time and events -------------------------------------------------------------------------

    def _wait(self, r: vl.Request) -> int:
        deadline_us = FOREVER if r.t_us < 0 else r.t_us
        pin_woke = False

        sleeps = bool(r.a & vl.WAKE_ON_PIN)

        def on_time():
            nonlocal pin_woke
            pin_woke = pin_woke or (sleeps and self.board.wakes_now())
            for number, level, wakes in self.board.changed_pins():
                self._queue(vl.EVENT_PIN, bytes([number, level]))
                pin_woke = pin_woke or wakes
            if self.clock.now_us() >= self._ended_us and not self._ended:
                self._ended = True
                self.clock.pace("over", True)

        def next_change_us():
            ended_us = FOREVER if self._ended else self._ended_us
            bite_us = FOREVER if sleeps or not self._watchdog_us else self._watchdog_us[1]
            return min(self.board.next_change_us(), ended_us, bite_us)

        def woken():
            if sleeps:
                return self._woken or pin_woke
            return self._woken or bool(self._events) or self._overdue()

        with self.clock.changed:
            self._spend()
            self._asleep = ("deep" if r.a & vl.DEEP else "light") if sleeps else ""
        if self._asleep == "light":
            self._ledger.count("light_sleeps")
        elif self._asleep:
            self._watchdog_us = None  # it is off in deep sleep; through a light one it may count
        self.clock.wait(deadline_us, woken, next_change_us, on_time)
        with self.clock.changed:
            self._spend()
            self._asleep = ""
        return 2 if pin_woke else 0

    def _queue(self, kind: int, body: bytes) -> None:
        with self.clock.changed:
            self._events += vl.EVENT.pack(kind, len(body)) + body
            self.clock.changed.notify_all()

    def _radio_event(self, body: bytes) -> None:
        self._queue(vl.EVENT_BLE, body)

    # --- prompt ----------------------------------------------------------------------------------

    def _print(self, data: bytes) -> None:
        with self.clock.changed:
            self._printed += data
            del self._printed[:-PRINTED_BYTES]
        self._serial.write(data)

    def _type(self, data: bytes) -> None:
        self._typed = True
        self._forsaken_at_s = None
        self._queue(vl.EVENT_STDIN, data)
        if CTRL_C in data:
            self._later(STUCK_S, self._cut_if_stuck, self._served)

    @staticmethod
    def _later(delay_s: float, work: Callable, argument) -> None:
        timer = threading.Timer(delay_s, work, [argument])
        timer.daemon = True
        timer.start()

    def _cut_if_stuck(self, served: int) -> None:
        """Ctrl-C and no sign of life since: a loop that nothing can interrupt in this VM."""
        if self._served == served and not self._stopping:
            self._print(b"\r\nThe program does not react; the band is started anew.\r\n")
            self.power_cut()

    def _forsaken(self) -> None:
        """The last serial connection has closed: a band left at its prompt starts again."""
        self._forsaken_at_s = time.monotonic()
        self._later(RESTART_AFTER_S, self._restart_if_forsaken, self._forsaken_at_s)

    def _restart_if_forsaken(self, since_s: float) -> None:
        if self._forsaken_at_s != since_s or self._serial.attached or self._stopping:
            return
        if self._at_prompt:
            self._queue(vl.EVENT_STDIN, b"\x03\x02\x04")  # leave whatever was begun; soft reset
