"""The program around the detector's machine code: what its assembler takes and what it refuses."""

import struct

import pytest
from notturno.detect import xtensa_program


@pytest.mark.parametrize("more", [0, 1])
def test_a_program_has_room_for_its_literals_and_refuses_one_more(more):
    made = xtensa_program._Assembler(0)
    for value in range(xtensa_program.LITERALS + more):
        made.l32r(5, 0x1000_0000 + value)
    if more:
        with pytest.raises(ValueError, match="more literals"):
            made.link()
    else:
        code = made.link()[xtensa_program.ENTRY :]
        assert len(code) == 3 * xtensa_program.LITERALS


# As `xtensa-linux-gnu-objdump -d` shows such a program: where, its bytes, and what they say.
LISTING = """
40  51 f0 ff  l32r a5, 0        # where to read to
43  71 f0 ff  l32r a7, 4        # how much
46  22 a0 0c  movi a2, 12       # read
49  62 a0 00  movi a6, 0
4c  50 35 20  or a3, a5, a5
4f  70 47 20  or a4, a7, a7
52  00 50 00  syscall
55  16 d2 04  beqz a2, a6
58  96 a2 04  bltz a2, a6
5b  20 55 80  add a5, a5, a2
5e  20 77 c0  sub a7, a7, a2
61  56 17 fe  bnez a7, 46
64  a1 e9 ff  l32r a10, 8       # self
67  b2 a0 04  movi a11, 4       # arguments
6a  c2 a0 00  movi a12, 0       # of which by name
6d  d1 e7 ff  l32r a13, c
70  81 e8 ff  l32r a8, 10
73  82 28 00  l32i a8, a8, 0
76  e0 08 00  callx8 a8
79  91 e6 ff  l32r a9, 14
7c  a2 69 00  s32i a10, a9, 0
7f  51 e6 ff  l32r a5, 18       # from where to write
82  71 e6 ff  l32r a7, 1c
85  22 a0 0d  movi a2, 13       # write
88  62 a0 01  movi a6, 1
8b  50 35 20  or a3, a5, a5
8e  70 47 20  or a4, a7, a7
91  00 50 00  syscall
94  16 e2 00  beqz a2, a6
97  96 b2 00  bltz a2, a6
9a  20 55 80  add a5, a5, a2
9d  20 77 c0  sub a7, a7, a2
a0  56 17 fe  bnez a7, 8b
a3  46 e6 ff  j 40
a6  22 a0 76  movi a2, 118      # exit
a9  62 a0 00  movi a6, 0
ac  00 50 00  syscall
b0  36 41 00  entry a1, 32
b3  90 00 00  retw
"""


def test_the_loader_is_the_program_that_its_listing_says():
    words = [0x2000_1000, 0x333, 0x2000_0000, 0x2000_100C, 0x2000_1004, 0x2000_1200]
    words += [0x2000_1100, 0x222, *[0] * 8]
    expected = bytearray(b"".join(word.to_bytes(4, "little") for word in words))
    for line in LISTING.strip().split("\n"):
        at, code = line.split("  ")[:2]
        expected += bytes(int(at, 16) - len(expected)) + bytes.fromhex(code)
    code, identity = xtensa_program.loader(
        base=0x1000_0000,
        read=(words[0], words[1]),
        write=(words[6], words[7]),
        function=words[4],
        arguments=words[3],
        self_object=words[2],
        result=words[5],
    )
    assert code == expected
    assert identity == 0x1000_00B0


def test_a_number_of_more_than_a_byte_and_a_word_further_on():
    made = xtensa_program._Assembler(0)
    made.movi(2, 0x5A7)
    made.movi(2, -1)
    made.l32i(3, 4, 8)
    made.s32i(3, 4, 1020)
    made.entry(1, 48)
    # movi's upper four bits stand in the place of s; offsets are counted in words, a frame in 8 B
    assert made.code.hex(" ", 3) == "22a5a7 22afff 322402 3264ff 366100"


def test_an_executable_for_xtensa_by_the_elf_specification():
    made = xtensa_program.elf(0x1000_0040, ((0x1000_0000, b"abc"), (0x2000_0000, b"d" * 0x1001)))
    head = struct.unpack_from("<16sHHIIIIIHHHHHH", made)
    ident = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)  # 32 bits, little-endian, version 1
    # executable, Xtensa, version, entry, program headers behind it, no sections, flags
    assert head == (ident, 2, 94, 1, 0x1000_0040, 52, 0, 0x300, 52, 32, 2, 0, 0, 0)
    load, all_of_it, page = 1, 7, 0x1000
    assert struct.unpack_from("<16I", made, 52) == (
        *(load, 0x1000, 0x1000_0000, 0x1000_0000, 3, 3, all_of_it, page),
        *(load, 0x2000, 0x2000_0000, 0x2000_0000, 0x1001, 0x1001, all_of_it, page),
    )
    assert made[116:0x1000] == bytes(0x1000 - 116)
    assert made[0x1000:0x2000] == b"abc" + bytes(0xFFD)
    assert made[0x2000:] == b"d" * 0x1001 + bytes(0xFFF)
