"""The virtual band as a whole: processor, flash, world, radio, prompt, and the clock over them.

Touches everything below this folder; the rest of the project needs only this class. Virtual time
is in seconds since the band's first power-on.

One thread answers the VM; the radio lives in an event loop of its own (radio.py), the prompt in
two threads (serialport.py).
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from notturno.errors import UserError
from notturno.virtualband import vmlink as vl
from notturno.virtualband.board import Board
from notturno.virtualband.calendar import next_evening_utc_s
from notturno.virtualband.clock import FOREVER, Clock
from notturno.virtualband.flash import Flash, default_firmware
from notturno.virtualband.serialport import SerialPort

SETTLE_S = 90.0  # on the dock after the last night, before time walks with the wall clock
RESTART_AFTER_S = 5.0  # wall time at a forsaken prompt before the program runs again
STUCK_S = 3.0  # wall time that a program has to react to Ctrl-C
CTRL_C = b"\x03"
SPIN_US = 1000.0  # what a program pays for only looking at the clock
SEED_STRIDE = 0x9E3779B1


class FirmwareStopped(UserError):
    """The program on the band has ended, or raised."""


class VirtualBand:
    """A band that lives in `world` (see world.Timeline); a context manager.

    folder: holds the flash and the lock. seed: this part's chip, noise and random numbers.
    start_utc_s: world time of this start; None: the evening after all nights slept so far.
    make_chip(world, seed): another chip model. hold_at_s: free time stops there until `run_until`.
    """

    def __init__(
        self,
        folder,
        world,
        *,
        seed: int = 0,
        hci_port: int = 0,
        repl_port: int = 0,
        firmware=None,
        make_chip=None,
        start_utc_s: float | None = None,
        hold_at_s: float | None = None,
        flash_bytes: int = vl.FLASH_CAPACITY_BYTES,
    ):
        self._folder = Path(folder)
        self.world = world
        self._seed = seed
        self._flash_bytes = flash_bytes
        self._ports = hci_port, repl_port
        self._firmware = Path(firmware) if firmware else default_firmware()
        self._make_chip = make_chip or _default_chip
        self._start_utc_s = start_utc_s
        self.clock = Clock()
        if hold_at_s is not None:
            self.clock.hold_us = hold_at_s * 1e6
        self._ended_us = (world.end_s + SETTLE_S) * 1e6
        self._events = bytearray()
        self._woken = False
        self._ended = False  # the nights are over: time walks with the wall clock
        self._printed = bytearray()
        self._boots = 0
        self._at_prompt = False
        self._typed = False
        self._forsaken_at_s: float | None = None
        self._stopping = False
        self._cut = False  # the power was taken away by us
        self._served = 0  # requests of the VM so far
        self._failure: Exception | None = None
        self.board: Board | None = None

    # --- life ------------------------------------------------------------------------------------

    def __enter__(self):
        from notturno.virtualband.radio import Radio

        vl.wasm_module()
        self._flash = Flash(self._folder, self._firmware)
        try:
            if self._start_utc_s is None:
                nights = len(self.world.spans_s)
                self._start_utc_s = next_evening_utc_s(self._folder, nights)
            self.board = Board(self.world, self._make_chip(self.world, self._seed), self.clock)
            self._serial = SerialPort(self._ports[1], self._type, self._forsaken)
            try:
                self._radio = Radio(
                    self._ports[0], self._seed, self._radio_event, self.clock.pace, self.utc_ms
                )
            except BaseException:
                self._serial.close()
                raise
        except BaseException:
            self._flash.close()
            raise
        self._process = self._start_vm()
        self._thread = threading.Thread(target=self._live, name="virtual-band", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping = True
        with self.clock.changed:
            self._process.kill()
            self._woken = True
            self.clock.changed.notify_all()
        self._thread.join()
        self._radio.close()
        self._serial.close()
        self._flash.close()

    def _start_vm(self) -> vl.VmProcess:
        return vl.VmProcess(self._flash.folder, self._flash.fileno, self._flash_bytes)

    # --- what the outside may ask ----------------------------------------------------------------

    @property
    def hci(self) -> str:
        """HOST:PORT of the virtual radio's other side, a standard HCI controller."""
        return f"127.0.0.1:{self._radio.port}"

    @property
    def repl(self) -> str:
        """What `mpremote connect` takes."""
        return f"socket://127.0.0.1:{self._serial.port}"

    @property
    def pty(self) -> str:
        return self._serial.pty

    @property
    def flash(self) -> Path:
        return self._flash.folder

    @property
    def chip(self):
        return self.board.chip

    @property
    def now_s(self) -> float:
        return self.clock.now_us() / 1e6

    def utc_ms(self) -> int:
        """Return the world's UTC, ms."""
        return int(self._start_utc_s * 1000 + self.clock.now_us() / 1000)

    def output(self) -> bytes:
        """Return what the band has printed since it was started (the last 64 kB)."""
        with self.clock.changed:
            return bytes(self._printed)

    def run_until(self, t_s: float, timeout_s: float = 300.0) -> None:
        """Let free time run to t_s and wait there; raises FirmwareStopped, TimeoutError."""
        self.clock.hold_at(t_s * 1e6)
        self._await(lambda: self.clock.now_us() >= t_s * 1e6, timeout_s)

    def wait_nights(
        self,
        progress: Callable[[int, float], None] | None = None,
        timeout_s: float = 3600.0,
    ) -> None:
        """Wait until the last night is over and the band has settled on its dock.

        progress(night, fraction): called a few times a second; night counts from 0.
        """

        def over():
            if progress:
                for k, (start_s, end_s) in enumerate(self.world.spans_s):
                    if self.now_s <= end_s or k == len(self.world.spans_s) - 1:
                        done = (self.now_s - start_s) / (end_s - start_s)
                        progress(k, min(1.0, max(0.0, done)))
                        break
            return self.clock.now_us() >= self._ended_us

        self._await(over, timeout_s)

    def power_cut(self) -> None:
        """Take the power away between two instructions, and give it back."""
        with self.clock.changed:
            self._cut = True
            self._process.kill()
            self._woken = True  # whoever waits on the VM's behalf waits for nobody
            self.clock.changed.notify_all()

    def check(self) -> None:
        """Raise what ended the band, if something has: FirmwareStopped, or a fault of its own."""
        if self._failure:
            raise self._failure
        if self._at_prompt and not self._serial.attached and not self._typed:
            said = self.output().decode(errors="replace").strip()
            raise FirmwareStopped(f"The firmware has stopped; it said:\n{said[-2000:]}")

    def _await(self, done: Callable[[], bool], timeout_s: float) -> None:
        end_s = time.monotonic() + timeout_s
        while not done():
            self.check()
            if time.monotonic() > end_s:
                raise TimeoutError(f"virtual time is {self.now_s:.0f} s after {timeout_s:.0f} s")
            with self.clock.changed:
                self.clock.changed.wait(0.1)

    # --- the thread that answers the VM ----------------------------------------------------------

    def _live(self) -> None:
        try:
            while not self._stopping:
                self._serve()
                said = self._process.close()
                if self._stopping:
                    return
                if not self._cut:
                    raise FirmwareStopped(f"The virtual band's processor stopped: {said[-2000:]}")
                self._power_on_again()
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
        self.board.chip = self._make_chip(self.world, self._seed)
        self._radio.power_cycle()
        self._process = self._start_vm()

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
            board.watch(r.a, bool(r.b))
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
        self._boots += 1
        seed = (self._seed * SEED_STRIDE + self._boots * 0x85EBCA6B + 0x1234567) & 0xFFFFFFFF
        return seed.to_bytes(4, "little") + (self._seed & 0xFFFFFF).to_bytes(3, "big")

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

        def on_time():
            nonlocal pin_woke
            for number, level, wakes in self.board.changed_pins():
                self._queue(vl.EVENT_PIN, bytes([number, level]))
                pin_woke = pin_woke or wakes
            if self.clock.now_us() >= self._ended_us and not self._ended:
                self._ended = True
                self.clock.pace("over", True)

        def next_change_us():
            ended_us = FOREVER if self._ended else self._ended_us
            return min(self.board.next_change_us(), ended_us)

        def woken():
            if r.a & vl.WAKE_ON_PIN:
                return self._woken or pin_woke
            return self._woken or bool(self._events)

        self.clock.wait(deadline_us, woken, next_change_us, on_time)
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
            del self._printed[:-65536]
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


def _default_chip(world, seed):
    from notturno.virtualband.chips.lsm6dsox import Lsm6dsox

    return Lsm6dsox(world, seed)
