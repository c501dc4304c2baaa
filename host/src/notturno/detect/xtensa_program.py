"""A little Xtensa program made by hand: the loader that calls the detector's stages under qemu.

Touches bytes alone. Encodings: Xtensa ISA Reference Manual (instruction formats RRR, RRI8, BRI12,
CALL, RI16), little-endian; system calls: Linux on Xtensa (number in a2; arguments a6, a3, a4).
"""

import struct
from typing import Any

LITERALS = 16  # words before the code, reached by l32r
ENTRY = 4 * LITERALS
_READ, _WRITE, _EXIT = 12, 13, 118


class _Assembler:
    """Appends instructions of 24 bits; labels are byte offsets from the program's base."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.literals = []
        self.code = bytearray()
        self.labels, self.fixes = {}, []

    def here(self) -> int:
        return ENTRY + len(self.code)

    def label(self, name: str) -> None:
        self.labels[name] = self.here()

    def emit(self, word: int) -> None:
        self.code += struct.pack("<I", word)[:3]

    def l32r(self, t: int, value: int) -> None:
        if value not in self.literals:
            self.literals.append(value)
        offset = 4 * self.literals.index(value) - ((self.here() + 3) & ~3)
        self.emit((offset >> 2 & 0xFFFF) << 8 | t << 4 | 1)

    def l32i(self, t: int, s: int, offset: int = 0) -> None:
        self.emit((offset >> 2) << 16 | 2 << 12 | s << 8 | t << 4 | 2)

    def s32i(self, t: int, s: int, offset: int = 0) -> None:
        self.emit((offset >> 2) << 16 | 6 << 12 | s << 8 | t << 4 | 2)

    def movi(self, t: int, value: int) -> None:
        self.emit((value & 0xFF) << 16 | 0xA << 12 | (value >> 8 & 0xF) << 8 | t << 4 | 2)

    def mov(self, r: int, s: int) -> None:
        self.emit(2 << 20 | r << 12 | s << 8 | s << 4)  # or r, s, s

    def add(self, r: int, s: int, t: int) -> None:
        self.emit(8 << 20 | r << 12 | s << 8 | t << 4)

    def sub(self, r: int, s: int, t: int) -> None:
        self.emit(0xC << 20 | r << 12 | s << 8 | t << 4)

    def syscall(self) -> None:
        self.emit(0x005000)

    def callx8(self, s: int) -> None:
        self.emit(s << 8 | 0xE0)

    def entry(self, s: int, frame_bytes: int) -> None:
        self.emit((frame_bytes >> 3) << 12 | s << 8 | 0x36)

    def retw(self) -> None:
        self.emit(0x000090)

    def branch(self, kind: str, s: int, label: str) -> None:
        """kind: beqz, bnez, bltz."""
        self.fixes.append((len(self.code), label))
        self.emit(s << 8 | {"beqz": 0, "bnez": 1, "bltz": 2}[kind] << 6 | 1 << 4 | 6)

    def jump(self, label: str) -> None:
        self.fixes.append((len(self.code), label))
        self.emit(6)

    def link(self) -> bytes:
        """Return the bytes: literals, then code with its branches filled in."""
        for at, label in self.fixes:
            offset = self.labels[label] - (ENTRY + at) - 4
            word = int.from_bytes(self.code[at : at + 3], "little")
            is_jump = word == 6
            word |= (offset & 0x3FFFF) << 6 if is_jump else (offset & 0xFFF) << 12
            self.code[at : at + 3] = word.to_bytes(3, "little")
        if len(self.literals) > LITERALS:
            raise ValueError("more literals than the program has room for")
        words = self.literals + [0] * (LITERALS - len(self.literals))
        return struct.pack(f"<{LITERALS}I", *words) + bytes(self.code)


def loader(
    *,
    base: int,
    read: tuple[int, int],
    write: tuple[int, int],
    function: int,
    arguments: int,
    self_object: int,
    result: int,
) -> tuple[bytes, Any]:
    """Return (program bytes, address of the identity function).

    For ever: read `read` = (address, bytes) from file 0; call *function(self, 4, 0, arguments)
    through a window of eight; store its result; write `write` to file 1. Ends at end of input.
    """
    a = _Assembler(base)

    def move_all(number: int, file: int, region: tuple[int, int], label: str) -> None:
        address, size = region
        a.l32r(5, address)
        a.l32r(7, size)
        a.label(label)
        a.movi(2, number)
        a.movi(6, file)
        a.mov(3, 5)
        a.mov(4, 7)
        a.syscall()
        a.branch("beqz", 2, "end")
        a.branch("bltz", 2, "end")
        a.add(5, 5, 2)
        a.sub(7, 7, 2)
        a.branch("bnez", 7, label)

    a.label("again")
    move_all(_READ, 0, read, "read")
    a.l32r(10, self_object)
    a.movi(11, 4)
    a.movi(12, 0)
    a.l32r(13, arguments)
    a.l32r(8, function)
    a.l32i(8, 8)
    a.callx8(8)
    a.l32r(9, result)
    a.s32i(10, 9)
    move_all(_WRITE, 1, write, "write")
    a.jump("again")
    a.label("end")
    a.movi(2, _EXIT)
    a.movi(6, 0)
    a.syscall()
    while a.here() % 4:
        a.code += b"\0"
    a.label("identity")
    a.entry(1, 32)
    a.retw()
    return a.link(), base + a.labels["identity"]


def elf(entry: int, segments: tuple[tuple[int, bytes], tuple[int, bytes]]) -> bytes:
    """Return a static 32-bit little-endian Xtensa executable of (address, bytes) segments."""
    offset = 0x1000  # headers fill less than a page
    headers, body = b"", b""
    for address, data in segments:
        flags = 7  # read, write, execute
        headers += struct.pack(
            "<8I", 1, offset + len(body), address, address, len(data), len(data), flags, 0x1000
        )
        body += data + bytes(-len(data) % 0x1000)
    ident = b"\x7fELF\x01\x01\x01" + bytes(9)
    machine_xtensa = 94
    head = ident + struct.pack(
        "<HHIIIIIHHHHHH", 2, machine_xtensa, 1, entry, 52, 0, 0x300, 52, 32, len(segments), 0, 0, 0
    )
    head += headers
    return head + bytes(offset - len(head)) + body
