"""What a virtual band is put together from, before it is switched on. Touches nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from notturno.virtualband import vmlink as vl
from notturno.virtualband.board import Board
from notturno.virtualband.chips.part import Part
from notturno.virtualband.clock import Clock
from notturno.virtualband.flash import Flash
from notturno.virtualband.prompt import Prompt


@dataclass(frozen=True)
class Parts:
    """What is soldered to a processor, and what it is fed by.

    new_chip(): the chip as after power-on. start_vm(cause, rtc_offset_s): a new life, from a
    vmlink.RESET_* on; returns the process and the RTC's offset, which is None where a clock chip
    keeps the time. seed: of its numbers by chance. ended_us: the nights are over then.
    """

    clock: Clock
    board: Board
    flash: Flash
    prompt: Prompt
    new_chip: Callable[[], Part]
    start_vm: Callable[[int, float | None], tuple[vl.VmProcess, float | None]]
    seed: int
    clock_chip: bool
    ended_us: float
