"""Reads MicroPython's .mpy files, version 6: header, names, constants, code.

Touches bytes alone. The layout is that of py/persistentcode.c of MicroPython 1.29 (MIT).
"""

from dataclasses import dataclass, field
from typing import Any

# Where no code may jump to or read from: what is not there of the port's table.
POISON = 0xDEAD_0000

VERSION = 6
# kinds of code (py/emitglue.h, MP_CODE_*)
BYTECODE, NATIVE, VIPER, ASM = 2, 3, 4, 5
# kinds of constant objects (py/persistentcode.h, MP_PERSISTENT_OBJ_*)
FUN_TABLE, TUPLE = 0, 10
FUN_TABLE_NAME = "fun_table"  # stands for the VM's table of functions among the objects
_WITHOUT_DATA = {FUN_TABLE: FUN_TABLE_NAME, 1: None, 2: False, 3: True, 4: Ellipsis}
_STRINGS = (5, 6)  # str, bytes: followed by a NUL
_ARCH_FLAGS = 0x40  # in the feature byte: a word of architecture flags follows


@dataclass
class RawCode:
    """One function: kind (BYTECODE ... ASM), its bytes, the functions defined inside it."""

    kind: int
    code: bytes
    children: list["RawCode"] = field(default_factory=list)


@dataclass
class MpyFile:
    """names: the file's strings; objects: its constants and FUN_TABLE_NAME; module: its code."""

    names: list
    objects: list
    module: RawCode

    def viper_code(self) -> list[bytes]:
        """Return the machine code of the module's viper functions, in the order of the source."""
        return [child.code for child in self.module.children if child.kind == VIPER]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, n: int) -> bytes:
        if self.at + n > len(self.data):
            raise ValueError("the .mpy file ends early")
        self.at += n
        return self.data[self.at - n : self.at]

    def number(self) -> int:
        """Seven bits a byte, most significant first."""
        value = 0
        while True:
            byte = self.take(1)[0]
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value


def parse(data: bytes) -> MpyFile:
    """Return what a .mpy file holds; raises ValueError for another version or a damaged file."""
    reader = _Reader(data)
    magic, version, feature, _small_int_bits = reader.take(4)
    if magic != ord("M") or version != VERSION:
        raise ValueError(f"no .mpy file of version {VERSION}")
    if feature & _ARCH_FLAGS:
        reader.number()
    n_names = reader.number()
    n_objects = reader.number()
    names = [_name(reader) for _ in range(n_names)]
    objects = [_object(reader) for _ in range(n_objects)]
    module = _raw_code(reader)
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} bytes follow the .mpy file's code")
    return MpyFile(names, objects, module)


def _name(reader: _Reader) -> int | str:
    length = reader.number()
    if length & 1:
        return length >> 1  # one of the VM's own strings, by number
    return reader.take((length >> 1) + 1)[:-1].decode()


def _object(reader: _Reader) -> Any:
    kind = reader.take(1)[0]
    if kind in _WITHOUT_DATA:
        return _WITHOUT_DATA[kind]
    length = reader.number()
    if kind == TUPLE:
        return tuple(_object(reader) for _ in range(length))
    data = reader.take(length)
    if kind in _STRINGS:
        reader.take(1)
    return data


def _raw_code(reader: _Reader) -> RawCode:
    word = reader.number()
    kind = (word & 3) + BYTECODE
    code = reader.take(word >> 3)
    if kind == NATIVE:
        reader.number()  # offset of the prelude
    elif kind != BYTECODE:
        reader.number()  # flags of the scope
        if kind == ASM:
            reader.number()
            reader.number()
    children = [_raw_code(reader) for _ in range(reader.number())] if word & 4 else []
    return RawCode(kind, code, children)
