"""The virtual band as a whole: processor, flash, world, radio, prompt, and the clock over them.

Touches everything below this folder; the rest of the project needs only this class. Virtual time
is in seconds since the band's first power-on.

One thread answers the VM (processor.py); the radio (radio.py) lives in the event loop of its air
(air.py), the prompt in two threads (serialport.py).
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from notturno import firmware_files
from notturno.virtualband import vmlink as vl
from notturno.virtualband.board import Board
from notturno.virtualband.calendar import next_evening_utc_s
from notturno.virtualband.clock import Clock
from notturno.virtualband.flash import Flash
from notturno.virtualband.processor import FirmwareStopped, Processor
from notturno.virtualband.serialport import SerialPort

ID_HEAD = b"VB\x02\x4e\x54"  # of every virtual band's id; the seed follows
SETTLE_S = 90.0  # on the dock after the last night, before time walks with the wall clock


class VirtualBand(Processor):
    """A band that lives in `world` (see world.Timeline); a context manager.

    folder: holds the flash and the lock. seed: this part's chip, noise and random numbers.
    start_utc_s: world time of this start; None: the evening after all nights slept so far.
    make_chip(world, seed): another chip model. prepare(flash folder, device id): called before it
    starts, with the firmware in place; puts the band's key there. hold_at_s: free time stops
    there until `run_until`.
    air: shared with other bands (see air.Air), which then has the port; None: one of its own.
    clock_chip: the board has a clock chip that outlives everything, as an M5Capsule has; without,
    as on a XIAO, its RTC outlives resets alone. tick_error: relative, of its tick and RTC.
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
        prepare: Callable[[Path, str], object] | None = None,
        start_utc_s: float | None = None,
        hold_at_s: float | None = None,
        flash_bytes: int = vl.FLASH_CAPACITY_BYTES,
        air=None,
        clock_chip: bool = True,
        tick_error: float = 0.0,
    ):
        clock = Clock()
        if hold_at_s is not None:
            clock.hold_us = hold_at_s * 1e6
        ended_us = (world.end_s + SETTLE_S) * 1e6
        super().__init__(world, seed, make_chip or _default_chip, clock, ended_us)
        self._folder = Path(folder)
        self._flash_bytes = flash_bytes
        self._ports = hci_port, repl_port
        self._own_air = air is None
        self.air = air
        self._firmware = Path(firmware) if firmware else firmware_files.folder()
        self._start_utc_s = start_utc_s
        self._prepare = prepare
        self.clock_chip = clock_chip
        self._tick_error = tick_error

    # --- life ------------------------------------------------------------------------------------

    def __enter__(self):
        vl.wasm_module()
        with ExitStack() as stack:  # undone when a later part cannot be made
            self._flash = Flash(self._folder, self._firmware)
            stack.callback(self._flash.close)
            if self._prepare:
                self._prepare(self._flash.folder, self.device_id)
            if self._start_utc_s is None:
                nights = len(self.world.spans_s)
                self._start_utc_s = next_evening_utc_s(self._folder, nights)
            self.board = Board(self.world, self._make_chip(self.world, self._seed), self.clock)
            self._serial = SerialPort(self._ports[1], self._type, self._forsaken)
            stack.callback(self._serial.close)
            self._radio = self._make_radio(stack)
            self._parts = stack.pop_all()
        self._process = self._start_vm()
        self._thread = threading.Thread(target=self._live, name="virtual-band", daemon=True)
        self._thread.start()
        threading.Thread(target=self._look_for_hangs, name="watchdog", daemon=True).start()
        return self

    def __exit__(self, *_):
        self._stopping = True
        with self.clock.changed:
            self._process.kill()
            self._woken = True
            self.clock.changed.notify_all()
        self._thread.join()
        self._parts.close()

    def _make_radio(self, stack: ExitStack):
        from notturno.virtualband.air import Air
        from notturno.virtualband.radio import Radio

        if self._own_air:
            self.air = stack.enter_context(Air(self._ports[0]))
        radio = Radio(self.air, self._seed, self._radio_event, self.clock.pace, self.utc_ms)
        radio.asked = self._asked
        stack.callback(radio.close)
        return radio

    def _asked(self, what: int) -> bool:
        """A host asks something of the person who wears the band, where the world has one."""
        asked = getattr(self.world, "asked", None)
        if asked is None or not asked(what, self.now_s):
            return False
        with self.clock.changed:
            self.clock.changed.notify_all()  # the dock's pin may have changed
        return True

    def _start_vm(self) -> vl.VmProcess:
        rtc_s = self._rtc_offset_s
        if rtc_s is None:  # at virtual time 0
            rtc_s = int(self._start_utc_s) - vl.EPOCH_2000_S
            if not self.clock_chip:  # from 0 when the power came
                rtc_s = -self.clock.now_us() / 1e6 * (1 + self._tick_error)
                self._rtc_offset_s = rtc_s
        return vl.VmProcess(
            self._flash.folder,
            self._flash.fileno,
            rtc_s,
            self._flash_bytes,
            self._cause,
            self._tick_error,
        )

    # --- what the outside may ask ----------------------------------------------------------------

    @property
    def hci(self) -> str:
        """HOST:PORT of the virtual radio's other side, a standard HCI controller."""
        return self.air.hci

    @property
    def address(self) -> str:
        """The address that it advertises under, a static random one."""
        return self._radio.address

    @property
    def repl(self) -> str:
        """What `mpremote connect` takes."""
        return f"socket://127.0.0.1:{self._serial.port}"

    @property
    def pty(self) -> str:
        return self._serial.pty

    @property
    def device_id(self) -> str:
        """The id that the firmware gives this seed's board (boards/virtual.py), in hex."""
        return (ID_HEAD + (self._seed & 0xFFFFFF).to_bytes(3, "big")).hex()

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

    def check(self) -> None:
        """Raise what ended the band, if something has: FirmwareStopped, or a fault of its own."""
        if self._failure:
            raise self._failure
        if self._at_prompt and not self._serial.attached and not self._typed:
            said = self.output().decode(errors="replace").strip()
            raise FirmwareStopped("The firmware has stopped; it said:\n{said}", said=said[-2000:])

    def _await(self, done: Callable[[], bool], timeout_s: float) -> None:
        end_s = time.monotonic() + timeout_s
        while not done():
            self.check()
            if time.monotonic() > end_s:
                raise TimeoutError(f"virtual time is {self.now_s:.0f} s after {timeout_s:.0f} s")
            with self.clock.changed:
                self.clock.changed.wait(0.1)


def _default_chip(world, seed):
    from notturno.virtualband.chips.lsm6dsox import Lsm6dsox

    return Lsm6dsox(world, seed)
