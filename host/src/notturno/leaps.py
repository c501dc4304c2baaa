"""Numbers that a band leaves out by itself at a new start, told from records that were lost.

Pure. Speaks the layouts of `notturno_core.wire`. A band promises itself numbers ahead, and what a
power cut, a crash or a hang left unused of them is never given (`eventlog.RESERVED_SEQS`). What
it then logs first is told in its aftermath.py: movements that had a first name only, the end of
what crashed, and that it starts; before these stands, by check_by_cable.py, a test of itself.
"""

from collections.abc import Iterable

from notturno_core import wire
from notturno_core.eventlog import RESERVED_SEQS

_NAME_A_BOOT = (wire.REC_SESSION, wire.REC_TIME, wire.REC_START)
MOST_BEFORE_THE_BOOT = 16  # records; a band keeps far fewer movements that wait for their name


def boot_named(kind: int, payload: bytes) -> int:
    """Return the boot that a record names; 0 where it names none."""
    if kind not in _NAME_A_BOOT or len(payload) < 4:
        return 0
    return int.from_bytes(payload[:4], "little")


def left_out_by_band(
    numbers: int, behind: Iterable[tuple[int, bytes]], boot_id: int
) -> bool | None:
    """Say whether a hole of so many numbers is one that a new start of the band left.

    behind: (kind, payload) of the records behind the hole, in order. boot_id: the newest one named
    before it. None: `behind` ends before it can be said.
    """
    if numbers > RESERVED_SEQS:
        return False
    for place, (kind, payload) in enumerate(behind):
        named = boot_named(kind, payload)
        if named:
            return named > boot_id
        if place >= MOST_BEFORE_THE_BOOT or not _is_before_a_boot(kind, payload):
            return False
    return None


def _is_before_a_boot(kind: int, payload: bytes) -> bool:
    """Say whether a new start may log such a record before it names itself."""
    if kind == wire.REC_CHECK:
        return True
    try:
        if kind == wire.REC_EVENT:
            return bool(wire.unpack_event(payload)["flags"] & wire.FLAG_FIRST_NAME)
        if kind == wire.REC_END:
            return wire.unpack(wire.END_FIELDS, payload)["reason"] == wire.END_CRASHED
    except wire.WireError:
        pass
    return False
