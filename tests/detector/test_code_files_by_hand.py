"""A .mpy file byte by byte, the source taken to pieces, and code laid out for an emulator.

The layout is that of py/persistentcode.c of MicroPython 1.29.
"""

import ast
import struct
from array import array
from types import SimpleNamespace

import pytest
from notturno.detect import mpyfile, rv32, source, xtensa
from notturno.detect.mpyfile import RawCode, parse
from notturno_core import segments


def number(value):
    """Seven bits a byte, the most significant first; all but the last have their highest set."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, value & 0x7F | 0x80)
    return bytes(out)


def raw_code(kind, code, *children, more=b""):
    """kind: 0 bytecode, 1 native, 2 viper, 3 assembler."""
    head = number(len(code) << 3 | bool(children) << 2 | kind)
    tail = number(len(children)) + b"".join(children) if children else b""
    return head + code + more + tail


def mpy(names=(), objects=(), code=None, feature=0x0F, version=6, magic=b"M", flags=b""):
    head = magic + bytes([version, feature, 31]) + flags + number(len(names))
    head += number(len(objects)) + b"".join(names) + b"".join(objects)
    return head + (raw_code(0, b"\x18\x63") if code is None else code)


def test_names_are_the_vms_own_by_number_or_texts_of_the_file():
    text = "é" * 40
    names = [number(17 << 1 | 1), number(5 << 1) + b"hello\0"]
    names += [number(80 << 1) + text.encode() + b"\0", number(300 << 1 | 1)]
    assert parse(mpy(names)).names == [17, "hello", text, 300]


def test_constants_by_their_kind():
    five = b"\x0a" + number(5)
    objects = [bytes([kind]) for kind in range(5)]
    objects += [b"\x05" + number(3) + b"abc\0", b"\x06" + number(200) + bytes(200) + b"\0"]
    objects += [b"\x07" + number(2) + b"12", b"\x08" + number(3) + b"1.5", b"\x09\x02\x33\x6a"]
    objects += [five + objects[1] + objects[5] + b"\x0a" + number(0) + objects[4] + objects[0]]
    assert parse(mpy(objects=objects)).objects == [
        *["fun_table", None, False, True, ...],
        *[b"abc", bytes(200), b"12", b"1.5", b"\x33\x6a"],
        (None, b"abc", (), ..., "fun_table"),
    ]


def test_code_of_each_kind_with_what_follows_it_and_what_is_defined_inside():
    native = raw_code(1, b"n" * 20, more=number(300))
    viper = raw_code(2, b"v" * 3, more=number(2))
    assembler = raw_code(3, b"", more=number(1) + number(2) + number(400))
    inner = raw_code(0, b"i", viper)
    module = raw_code(0, b"m" * 17, native, viper, assembler, inner, raw_code(2, b"w", more=b"\0"))
    found = parse(mpy(code=module))
    one = RawCode(mpyfile.VIPER, b"vvv")
    assert found.module == RawCode(
        mpyfile.BYTECODE,
        b"m" * 17,
        [
            *[RawCode(mpyfile.NATIVE, b"n" * 20), one, RawCode(mpyfile.ASM, b"")],
            *[RawCode(mpyfile.BYTECODE, b"i", [one]), RawCode(mpyfile.VIPER, b"w")],
        ],
    )
    assert found.viper_code() == [b"vvv", b"w"]
    # MP_CODE_* of py/emitglue.h
    assert (mpyfile.BYTECODE, mpyfile.NATIVE, mpyfile.VIPER, mpyfile.ASM) == (2, 3, 4, 5)


@pytest.mark.parametrize(
    ("feature", "flags"), [(0x40, number(9)), (0x4F, number(300)), (0x3F, b""), (0x8F, b"")]
)
def test_a_word_of_flags_stands_where_the_feature_byte_says_so(feature, flags):
    assert parse(mpy([number(3)], feature=feature, flags=flags)).names == [1]


@pytest.mark.parametrize(
    "how", [{"magic": b"N"}, {"version": 5}, {"version": 7}, {"magic": b"\0", "version": 5}]
)
def test_another_version_is_refused(how):
    with pytest.raises(ValueError, match=r"no \.mpy file of version 6"):
        parse(mpy(**how))


def test_a_file_that_ends_early_or_goes_on_is_refused():
    whole = mpy([number(10) + b"hello\0"], [b"\x05" + number(1) + b"a\0"])
    for end in range(4, len(whole)):
        with pytest.raises(ValueError, match="ends early"):
            parse(whole[:end])
    with pytest.raises(ValueError, match="3 bytes follow"):
        parse(whole + b"abc")


# --- the detector's source in pieces -------------------------------------------------------------

TEXT = """
N = 3
def one(a): return a
class Two:
    def one(self): pass
def three(): pass
"""


def test_functions_are_those_of_the_top_and_in_the_order_of_the_source():
    assert [node.name for node in source.functions(["three", "one"], TEXT)] == ["one", "three"]
    with pytest.raises(ValueError, match="no function is called four, two"):
        source.functions(["one", "two", "four"], TEXT)
    assert source.constants(SimpleNamespace(a=1, b=True, c="x", d=2.0)) == {"a": 1}


@pytest.mark.parametrize("loops", [0, 2])
def test_a_process_without_its_one_loop_is_refused(loops):
    loop = "    for stage in BLOCK_STAGES:\n        n = stage(n)\n"
    other = "    for i in range(3):\n        n = i\n    for stage in OTHERS:\n        n = 1\n"
    with pytest.raises(ValueError, match="no longer holds one loop over BLOCK_STAGES"):
        source.unrolled_process(f"def process(n):\n{other}{loop * loops}    return n\n")
    made = ast.unparse(source.unrolled_process(f"def process(n):\n{other}{loop}    return n\n"))
    calls = [f"n = {stage.__name__}(n)" for stage in segments.BLOCK_STAGES]
    assert [line.strip() for line in made.split("\n") if "(n)" in line][1:] == calls
    assert "for i in range(3)" in made and "for stage in OTHERS" in made


def met(text):
    return [ast.unparse(node) for node in source.often(ast.parse(text).body)]


def test_what_is_met_often_is_no_branch_of_a_loop_within_a_loop_and_of_a_branch_no_other():
    text = """
a = 1
if b:
    c = 1
    if p:
        q = 1
else:
    d = 1
while e:
    f = 1
    if g:
        h = 1
        if r:
            s = 1
        else:
            t = 1
        while u:
            v = 1
    while i:
        j = 1
        if k:
            m = 1
        while n:
            o = 1
"""
    assert met(text) == [
        *["a = 1", "b", "c = 1", "p", "d = 1", "e", "f = 1", "g", "h = 1", "r", "u", "v = 1"],
        *["i", "j = 1", "k", "n", "o = 1"],
    ]


# --- code in an emulator -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "n"),
    [
        ("0100", 1),
        ("13000000", 1),
        ("0100 13000000 8280", 3),
        ("03000000 0200", 2),
    ],
)
def test_an_instruction_of_risc_v_is_long_by_its_two_lowest_bits(code, n):
    data = bytes.fromhex(code)
    machine = SimpleNamespace(_uc=SimpleNamespace(mem_read=lambda address, size: data))
    assert rv32.Rv32Machine._instructions_in(machine, 0, len(data)) == n
    with pytest.raises(ValueError, match="ends inside an instruction"):
        rv32.Rv32Machine._instructions_in(
            SimpleNamespace(_uc=SimpleNamespace(mem_read=lambda *_: b"\x03\0")), 0, 2
        )


def test_what_the_vm_would_have_laid_out_around_the_stages():
    """A function object, its context with the constants behind it, the table of the VM's calls."""
    stages, base = b"\x36\x41\x00" * 5, 0x2000_0000
    made = xtensa._elf(stages, ["fun_table", "other"])
    code_at, data_at, data_bytes = 0x1000, 0x2000, struct.unpack_from("<8I", made, 84)[4]
    assert struct.unpack_from("<I", made, 84 + 8) == (base,)
    assert made[code_at + 0x400 : code_at + 0x400 + len(stages)] == stages
    data = made[data_at : data_at + data_bytes]
    assert struct.unpack_from("<4I", data) == (0, base + 0x40, 0, 0)
    objects = struct.unpack_from("<4I", data, 0x40)[3]
    assert struct.unpack_from("<3I", data, 0x40) == (0, 0, 0)
    table, poison = struct.unpack_from("<2I", data, objects - base)
    calls = struct.unpack_from("<64I", data, table - base)
    assert poison == 0xDEAD_0000 and objects >= table + 4 * 64
    # conversions of arguments and result, and the check of their number: the identity
    identity = {calls[entry] for entry in (3, 4, 44)}
    (at,) = identity
    assert made[code_at + at - 0x1000_0000 :][:6] == b"\x36\x41\x00\x90\x00\x00"
    others = [(entry, call) for entry, call in enumerate(calls) if entry not in (3, 4, 44)]
    assert all(call == 0xDEAD_0000 + 4 * entry for entry, call in others)


def test_a_call_goes_to_the_emulator_whole_and_its_answer_may_come_in_pieces():
    words, rows = segments.STATE_WORDS, segments.OUT_WORDS * segments.MAX_ROWS
    answer = struct.pack("<i", -7) + bytes([1]) * (4 * words) + bytes([2]) * (4 * rows)
    pieces, wrote = [answer[:3], answer[3:1000], answer[1000:]], []
    machine = object.__new__(xtensa.XtensaMachine)
    machine.entries = {"stage": 0x1000_0440}
    machine._into = SimpleNamespace(write=wrote.append)
    machine._out_of = SimpleNamespace(read=lambda n: pieces.pop(0) if pieces else b"")
    machine._process = SimpleNamespace(wait=lambda: 9)
    state, out = array("i", [5]) * words, array("i", [6]) * rows
    samples = memoryview(b"abcdef")
    assert machine.call("stage", state, 1, samples, out) == -7
    assert bytes(state) == bytes([1]) * (4 * words) and bytes(out) == bytes([2]) * (4 * rows)
    (request,) = wrote
    head = struct.unpack_from("<8I", request)
    state_at = 0x2000_1000 + 32 + 6 * segments.MAX_CHUNK + 4
    assert head == (*(0x1000_0440, 1, state_at, 1, 0x2000_1000 + 32, state_at + 4 * words, 0, 0),)
    assert request[32:38] == b"abcdef" and not any(request[38 : 32 + 6 * segments.MAX_CHUNK + 4])
    assert request[32 + 6 * segments.MAX_CHUNK + 4 :] == bytes(array("i", [5]) * words) + bytes(
        array("i", [6]) * rows
    )
    with pytest.raises(RuntimeError, match=r"stage ended the emulator \(exit 9\)"):
        machine.call("stage", state, 1, samples, out)
