"""The thread that answers the VM: what a request means, what an event is, and when lives begin.

Touches the VM's process and the parts that it is given. Virtual time is in microseconds here, as
on the line to the VM.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from notturno.errors import UserError
from notturno.virtualband import vmlink as vl
from notturno.virtualband.clock import FOREVER
from notturno.virtualband.ledger import Ledger
from notturno.virtualband.parts import Parts
from notturno.virtualband.watchdog import Watchdog

if TYPE_CHECKING:
    from notturno.virtualband.radio import Radio

SPIN_US = 1000.0  # what a program pays for only looking at the clock
SEED_STRIDE, BOOT_STRIDE = 0x9E3779B1, 0x85EBCA6B
# A program that computes for so long, and asks for nothing, hangs. The VM's own time: a machine
# that is busy with other things makes nobody hang.
HANG_CPU_S = 2.5
HANG_LOOK_S = 0.25


class FirmwareStopped(UserError):
    """The program on the band has ended, or raised."""


class Processor:
    """One processor and its lives: power-on, resets, power cuts."""

    def __init__(
        self, parts: Parts, make_radio: Callable[[Callable[[bytes], None]], Radio]
    ) -> None:
        self.clock = parts.clock
        self.board = parts.board
        self._parts = parts
        self._radio = make_radio(self._radio_event)
        self._watchdog = Watchdog(parts.clock)
        self._ledger = Ledger()
        self._ended = False  # the nights are over: time walks with the wall clock
        self._events = bytearray()
        self._woken = False
        self.requests = 0  # of the VM so far
        self.stopping = False
        self._cut = False  # the power was taken away by us
        self._bitten = False  # the watchdog has reset it
        self._kept = b""  # RTC memory
        self._rtc_offset_s: float | None = None  # as the program has set the RTC
        self._asleep = ""
        self.failure: Exception | None = None
        parts.prompt.of(self)

    @property
    def radio(self) -> Radio:
        """Its radio."""
        return self._radio

    def start(self) -> None:
        """Switch it on, in threads of its own."""
        self._begin_life(vl.RESET_POWER_ON)
        self._thread = threading.Thread(target=self._live, name="virtual-band", daemon=True)
        self._thread.start()
        threading.Thread(target=self._look_for_hangs, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Switch it off for good."""
        self.stopping = True
        with self.clock.changed:
            self._process.kill()
            self._woken = True
            self.clock.changed.notify_all()
        self._thread.join()

    def hear(self, data: bytes) -> None:
        """Give the program what was typed at its prompt."""
        self._queue(vl.EVENT_STDIN, data)

    def cpu_s(self) -> float | None:
        """Return how long its program has computed, or None where that cannot be known."""
        return self._process.cpu_s()

    def _begin_life(self, cause: int) -> None:
        self._process, self._rtc_offset_s = self._parts.start_vm(cause, self._rtc_offset_s)

    def power_cut(self) -> None:
        """Take the power away between two instructions, and give it back."""
        with self.clock.changed:
            self._cut = True
            self._process.kill()
            self._woken = True  # whoever waits on the VM's behalf waits for nobody
            self.clock.changed.notify_all()

    def _live(self) -> None:
        try:
            while not self.stopping:
                self._serve()
                said = self._process.close()
                if self.stopping:
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
            self.failure = error
            with self.clock.changed:
                self.clock.changed.notify_all()
        self._process.close()

    def _serve(self) -> None:
        process = self._process
        while (request := process.next_request()) is not None:
            if request.op == vl.OP_OUT:
                self._parts.prompt.print(request.payload)
                continue
            self.requests += 1
            status, payload = self._handle(request)
            if request.op in vl.TOLD:
                continue
            self._spend()
            if self._watchdog.overdue:
                self._bite()
                return
            with self.clock.changed:
                events, self._events, self._woken = bytes(self._events), bytearray(), False
                now_us, paced = self.clock.now_us(), self.clock.paced
            if request.op == vl.OP_WAIT and not paced:
                payload = self.board.looked_at()
            if not process.answer(status, now_us, paced, payload, events):
                return

    def _power_on_again(self) -> None:
        """After a power cut; the chip lost its power too."""
        with self.clock.changed:
            self._cut = False
            self._events.clear()
        self._watchdog.off()
        self._kept = b""
        self._rtc_offset_s = None
        self.board.chip = self._parts.new_chip()
        self._radio.power_cycle()
        self._begin_life(vl.RESET_POWER_ON)

    def _bite(self) -> None:
        """Reset the processor as its watchdog does; the world and what it holds stay."""
        self._bitten = True
        self._process.kill()

    def _start_after_bite(self) -> None:
        with self.clock.changed:
            self._bitten = False
            self._events.clear()
        self._watchdog.off()
        self._radio.power_cycle()
        self._begin_life(vl.RESET_WATCHDOG)

    def _look_for_hangs(self) -> None:
        """A thread: a program that computes and asks for nothing lets no virtual time pass."""
        requests, since_s = None, 0.0
        while not self.stopping:
            time.sleep(HANG_LOOK_S)
            used_s = self._process.cpu_s()
            if self.requests != requests or not self._watchdog.on or used_s is None:
                requests, since_s = self.requests, used_s or 0.0
            elif used_s - since_s > HANG_CPU_S:
                requests = None
                self.clock.pass_us(max(0.0, self._watchdog.deadline_us - self.clock.now_us()))
                self._spend()
                self._bite()

    @property
    def ledger(self) -> Ledger:
        """What the band has spent, booked up to now: also while it sleeps and asks for nothing."""
        self._spend()
        return self._ledger

    def _spend(self) -> None:
        if self.clock.now_us() == self._ledger.at_us:
            return  # most requests take no time
        with self.clock.changed:  # or a sleep that ends meanwhile would be booked as awake
            self._ledger.spend(
                self.clock.now_us(), self._asleep, self._radio.state, self.board.sampling
            )

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
            self._watchdog.feed(r.n)
            return 0, b""
        if op == vl.OP_KEPT:
            if not r.a:
                self._kept = r.payload
            return 0, self._kept
        if op == vl.OP_SET_RTC:
            self._rtc_offset_s = r.rtc_offset_s
            return 0, b""
        if op == vl.OP_SYNCED:
            self._ledger.count("flash_writes")
            return 0, b""
        if op == vl.OP_STATE:
            self._parts.prompt.shown(r.a == vl.STATE_AT_PROMPT)
            return 0, b""
        if op == vl.OP_BOOT:
            return 0, self._boot()
        raise ValueError(f"the VM asks for {op}, which nobody knows")

    def _boot(self) -> bytes:
        """A life of the VM begins: pins and radio as after a reset; its seed and number."""
        self.board.power_on()
        self._radio.power_cycle()
        self._watchdog.off()
        self._ledger.count("starts")
        boots = self._parts.flash.next_boot()  # other chances than at any boot before
        seed = (self._parts.seed * SEED_STRIDE + boots * BOOT_STRIDE + 0x1234567) & 0xFFFFFFFF
        chip_id = (self._parts.seed & 0xFFFFFF).to_bytes(3, "big")
        return seed.to_bytes(4, "little") + chip_id + bytes([self._parts.clock_chip])

    # --- time and events -------------------------------------------------------------------------

    def _wait(self, r: vl.Request) -> int:
        deadline_us = FOREVER if r.t_us < 0 else r.t_us
        pin_woke = False
        sleeps = bool(r.a & vl.WAKE_ON_PIN)

        def on_time() -> None:
            nonlocal pin_woke
            pin_woke = pin_woke or (sleeps and self.board.wakes_now())
            for number, level, wakes in self.board.changed_pins():
                self._queue(vl.EVENT_PIN, bytes([number, level]))
                pin_woke = pin_woke or wakes
            if self.clock.now_us() >= self._parts.ended_us and not self._ended:
                self._ended = True
                self.clock.pace("over", True)

        def next_change_us() -> float:
            ended_us = FOREVER if self._ended else self._parts.ended_us
            bite_us = FOREVER if sleeps else self._watchdog.deadline_us
            return min(self.board.next_change_us(), ended_us, bite_us)

        def woken() -> bool:
            if sleeps:
                return self._woken or pin_woke
            return self._woken or bool(self._events) or self._watchdog.overdue

        with self.clock.changed:
            self._spend()
            self._asleep = ("deep" if r.a & vl.DEEP else "light") if sleeps else ""
        if self._asleep == "light":
            self._ledger.count("light_sleeps")
        elif self._asleep:
            self._watchdog.off()  # as it is in deep sleep; through a light one it may count
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
