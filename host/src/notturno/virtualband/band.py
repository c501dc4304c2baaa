"""The virtual band as a whole: processor, flash, world, radio, prompt, and the clock over them.

Touches everything below this folder; the rest of the project needs only this class. Virtual time
is in seconds since the band's first power-on.

One thread answers the VM (processor.py); the radio (radio.py) lives in the event loop of its air
(air.py), the prompt (prompt.py) in two threads (serialport.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from notturno import firmware_files
from notturno.virtualband import vmlink as vl
from notturno.virtualband.board import Board
from notturno.virtualband.calendar import next_evening_utc_s
from notturno.virtualband.chips.part import Part
from notturno.virtualband.clock import Clock
from notturno.virtualband.flash import Flash
from notturno.virtualband.ledger import Ledger
from notturno.virtualband.parts import Parts
from notturno.virtualband.processor import FirmwareStopped, Processor
from notturno.virtualband.prompt import Prompt
from notturno.virtualband.world import World

if TYPE_CHECKING:
    from notturno.virtualband.air import Air
    from notturno.virtualband.radio import Radio

ID_HEAD = b"VB\x02\x4e\x54"  # of every virtual band's id; the seed follows
SETTLE_S = 90.0  # on the dock after the last night, before time walks with the wall clock


class VirtualBand:
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
        folder: Path | str,
        world: Any,
        *,
        seed: int = 0,
        hci_port: int = 0,
        repl_port: int = 0,
        firmware: Path | str | None = None,
        make_chip: Callable[[World, int], Part] | None = None,
        prepare: Callable[[Path, str], object] | None = None,
        start_utc_s: float | None = None,
        hold_at_s: float | None = None,
        flash_bytes: int = vl.FLASH_CAPACITY_BYTES,
        air: Air | None = None,
        clock_chip: bool = True,
        tick_error: float = 0.0,
    ) -> None:
        self.world = world
        self.clock = Clock()
        if hold_at_s is not None:
            self.clock.hold_us = hold_at_s * 1e6
        self._ended_us = (world.end_s + SETTLE_S) * 1e6
        self._seed = seed
        self._make_chip = make_chip or _default_chip
        self._folder = Path(folder)
        self._flash_bytes = flash_bytes
        self._ports = hci_port, repl_port
        self._own_air = air is None
        self.air = air
        self._firmware = Path(firmware) if firmware else firmware_files.folder()
        self._given_utc_s = start_utc_s
        self._start_utc_s = 0.0
        self._prepare = prepare
        self._clock_chip = clock_chip
        self._tick_error = tick_error

    # --- life ------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        vl.wasm_module()
        with ExitStack() as stack:  # undone when a later part cannot be made
            self._flash = Flash(self._folder, self._firmware)
            stack.callback(self._flash.close)
            if self._prepare:
                self._prepare(self._flash.folder, self.device_id)
            self._start_utc_s = self._begins_utc_s()
            self._prompt = Prompt(self._ports[1], self.clock.pace, self.clock.changed)
            stack.callback(self._prompt.serial.close)
            self._processor = Processor(self._parts(), lambda told: self._radio(stack, told))
            self._made = stack.pop_all()
        self._processor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._processor.stop()
        self._made.close()

    def _begins_utc_s(self) -> float:
        if self._given_utc_s is not None:
            return self._given_utc_s
        return next_evening_utc_s(self._folder, len(self.world.spans_s))

    def _parts(self) -> Parts:
        return Parts(
            clock=self.clock,
            board=Board(self.world, self._new_chip(), self.clock),
            flash=self._flash,
            prompt=self._prompt,
            new_chip=self._new_chip,
            start_vm=self._start_vm,
            seed=self._seed,
            clock_chip=self._clock_chip,
            ended_us=self._ended_us,
        )

    def _new_chip(self) -> Part:
        return self._make_chip(self.world, self._seed)

    def _radio(self, stack: ExitStack, told: Callable[[bytes], None]) -> Radio:
        from notturno.virtualband.air import Air
        from notturno.virtualband.radio import Radio

        if self.air is None:
            self.air = stack.enter_context(Air(self._ports[0]))
        radio = Radio(self.air, self._seed, told, self.clock.pace, self.utc_ms)
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

    def _start_vm(
        self, cause: int, rtc_offset_s: float | None
    ) -> tuple[vl.VmProcess, float | None]:
        """Begin a life; return the process, and the RTC's offset where no clock chip keeps it."""
        rtc_s = rtc_offset_s
        if rtc_s is None:  # at virtual time 0
            rtc_s = int(self._start_utc_s) - vl.EPOCH_2000_S
            if not self._clock_chip:  # from 0 when the power came
                rtc_s = rtc_offset_s = -self.clock.now_us() / 1e6 * (1 + self._tick_error)
        process = vl.VmProcess(
            self._flash.folder,
            self._flash.fileno,
            rtc_s,
            self._flash_bytes,
            cause,
            self._tick_error,
        )
        return process, rtc_offset_s

    # --- what the outside may ask ----------------------------------------------------------------

    @property
    def hci(self) -> str:
        """HOST:PORT of the virtual radio's other side, a standard HCI controller."""
        assert self.air is not None  # from __enter__ on
        return self.air.hci

    @property
    def address(self) -> str:
        """The address that it advertises under, a static random one."""
        return self._processor.radio.address

    @property
    def repl(self) -> str:
        """What `mpremote connect` takes."""
        return f"socket://127.0.0.1:{self._prompt.serial.port}"

    @property
    def pty(self) -> str:
        """The pseudo-terminal of its prompt."""
        return self._prompt.serial.pty

    @property
    def device_id(self) -> str:
        """The id that the firmware gives this seed's board (boards/virtual.py), in hex."""
        return (ID_HEAD + (self._seed & 0xFFFFFF).to_bytes(3, "big")).hex()

    @property
    def flash(self) -> Path:
        """The folder that is its flash."""
        return self._flash.folder

    @property
    def board(self) -> Board:
        """Its pins and its bus."""
        return self._processor.board

    @property
    def ledger(self) -> Ledger:
        """What it has spent, booked up to now."""
        return self._processor.ledger

    @property
    def chip(self) -> Part | None:
        """The model of the sensor on its bus."""
        return self.board.chip

    @property
    def now_s(self) -> float:
        """Virtual time since the first power-on."""
        return self.clock.now_us() / 1e6

    def utc_ms(self) -> int:
        """Return the world's UTC, ms."""
        return int(self._start_utc_s * 1000 + self.clock.now_us() / 1000)

    def power_cut(self) -> None:
        """Take the power away between two instructions, and give it back."""
        self._processor.power_cut()

    def output(self) -> bytes:
        """Return what the band has printed since it was started (the last 64 kB)."""
        return self._prompt.output()

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

        def over() -> bool:
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
        if self._processor.failure:
            raise self._processor.failure
        if self._prompt.deserted:
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


def _default_chip(world: World, seed: int) -> Part:
    from notturno.virtualband.chips.lsm6dsox import Lsm6dsox

    return Lsm6dsox(world, seed)
