"""Machine code on the host: what is translated means the same, what is kept is not believed."""

import ast
import os
import platform
import re
import shutil
import subprocess
from itertools import pairwise

import numpy as np
import pytest
from notturno.detect import codecache, engines, llvm_text, native
from notturno.detect.recording import Recording
from streams import eventful

CONSTANTS = {"_FIRST": 1, "_TABLE": 8, "_LEN": 4}
BUFFERS = {"state": "i32", "samples": "i16", "out": "i32"}
# Every form that the source may use, in one place.
FORMS = '''
def helper(state, n):
    """A call of one's own."""
    state[_FIRST] += n
    return state[_FIRST] << 1

def forms(state, samples, n, out):
    total = 0
    for i in range(min(n, _LEN)):
        state[_TABLE + i] = total = total + (samples[i] ^ 0x8000) - 5
    for word in (_FIRST, 2):
        out[word] -= -3
    while n > 0 and (total > 9 or n == 3):
        n = n - 1
        if not_much(state, n) and not n == 2:
            total |= n & 6
        elif n >= 1:
            total = total * n
        else:
            return max(total, helper(state, n))
    helper(state, total >> 1)
    return 7 if total <= n else total
'''
HELPERS = """
def not_much(state, n):
    if n < 2:
        return 1
    return state[_FIRST]
"""


def parsed(text):
    return [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_: str(tmp_path / "cache"))
    monkeypatch.setattr(native, "_loaded", {})
    return tmp_path / "cache" / "code"


@pytest.mark.parametrize("n", range(6))
def test_every_form_of_the_source_means_the_same_in_machine_code(n, monkeypatch):
    text = llvm_text.module(parsed(FORMS + HELPERS), CONSTANTS, BUFFERS)
    ours: dict = dict(CONSTANTS)
    exec(FORMS + HELPERS, ours)
    rng = np.random.default_rng(n)
    for _ in range(20):
        state, out = rng.integers(-50, 50, (2, 16)).astype(np.int32)
        samples = rng.integers(0x7FF0, 0x8010, 8).astype(np.uint16)
        expected_state, expected_out = state.tolist(), out.tolist()
        expected = ours["forms"](expected_state, samples.tolist(), n, expected_out)
        got = compiled(text)(state.ctypes.data, samples.ctypes.data, n, out.ctypes.data)
        assert (got, state.tolist(), out.tolist()) == (expected, expected_state, expected_out)


def test_a_word_of_16_bits_is_kept_as_its_lowest_and_is_never_below_zero():
    text = "def forms(state, finer, n, out):\n finer[1] = finer[0] << n\n out[0] = finer[1]\n"
    text = llvm_text.module(parsed(text), {}, {"state": "i32", "finer": "i16", "out": "i32"})
    state, out = np.zeros((2, 1), np.int32)
    for count, n, kept in ((0x1234, 3, 0x91A0), (0xFFFE, 2, 0xFFF8), (0x8001, 1, 2)):
        finer = np.array([count, 7, 7], np.uint16)
        compiled(text)(state.ctypes.data, finer.ctypes.data, n, out.ctypes.data)
        assert finer.tolist() == [count, kept, 7] and out[0] == kept


_compiled = {}


def compiled(text):
    if text not in _compiled:
        native.load()  # LLVM begins
        code = native.made(text + "\n" + NIGHT)
        _compiled[text] = native.Kernel(code)
    return _compiled[text]._function("forms", "ppip")


NIGHT = "define i32 @night() { ret i32 0 }"


@pytest.mark.parametrize(
    "line",
    [
        "state[0] = n // 3",
        "state[0] = n % 3",
        "state[0] = 1 < n < 3",
        "state[0] = other[0]",
        "state[0] = unknown(n)",
        "samples[0] = n",
        "_FIRST = n",
        "a, b = n, n",
        "with n: pass",
        "for i in out: n = i",
        "for i in range(1, n): n = i",
        "while n:\n  break",
        "while n:\n  n = 1\nelse: n = 2",
        "for i in min(n): n = i",
        "for i in n: n = i",
        "for i, k in (n, n): n = i",
        "for i in range(n): n = i\nelse: n = 2",
        "f(state[1:2], samples, n, out)",
        "f(state[:], samples, n, out)",
        "f(state[1::2], samples, n, out)",
        "n = -n",
        "n = n ** 2",
        "n **= 2",
        "n = n is 1",
        "n = 1 if n in (1, 2) else 3",
        "n[0] = 1",
        "n = (state or out)[0]",
        "n = state.pop(n)",
        "n + 1",
        "n.real += 1",
        "del n",
    ],
)
def test_what_cannot_be_translated_is_refused_and_not_guessed(line):
    text = "def f(state, samples, n, out):\n" + "\n".join(" " + x for x in line.splitlines())
    with pytest.raises(ValueError, match="f: cannot be translated"):
        llvm_text.module(parsed(text), CONSTANTS, BUFFERS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("n = n + 1", "add nsw"),
        ("n = 1 - n", "sub nsw"),
        ("n = n + n", "add"),
        ("n = n * 3", "mul"),
        ("n = n << 1", "shl"),
        ("n = n >> 1", "ashr"),
        ("n = n ^ 5", "xor"),
    ],
)
def test_a_sum_with_a_constant_may_not_leave_32_bits_and_all_else_wraps(line, said):
    text = llvm_text.module(parsed(f"def f(state, n):\n {line}"), CONSTANTS, BUFFERS)
    assert re.findall(r"= ((?:add|sub|mul|shl|ashr|xor)(?: nsw)?) i32 ", text) == [said]


@pytest.mark.parametrize("line", ["return 1", "f(state, n)"])
def test_a_loop_that_holds_words_may_not_leave_them_behind(line):
    text = f"def f(state, n):\n while n:\n  state[_FIRST] = n\n  {line}"
    llvm_text.module(parsed(text), CONSTANTS, BUFFERS)
    with pytest.raises(ValueError, match="cannot be translated"):
        llvm_text.module(parsed(text), CONSTANTS, BUFFERS, ["f"])


def test_code_is_made_once_and_kept_for_its_owner_alone(cache_folder):
    assert codecache.kept("k" * 64, lambda: b"code") == b"code"
    assert codecache.kept("k" * 64, lambda: pytest.fail("it is there")) == b"code"
    assert codecache.kept("j" * 64, lambda: b"other") == b"other"
    assert codecache.kept("e" * 64, lambda: b"") == b""
    assert codecache.kept("e" * 64, lambda: b"made") == b"made", "an empty file is no code"
    if os.name == "posix":
        assert cache_folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in cache_folder.iterdir()} == {0o600}


@pytest.mark.parametrize("at", [0, 31, 32, -1])
def test_a_damaged_file_is_made_anew(cache_folder, at):
    codecache.kept("k" * 64, lambda: b"code")
    (path,) = cache_folder.iterdir()
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert codecache.kept("k" * 64, lambda: b"anew") == b"anew"
    assert codecache.kept("k" * 64, lambda: pytest.fail("it is whole again")) == b"anew"


@pytest.mark.parametrize("data", [b"", b"short", bytes(32)])
def test_a_file_that_was_cut_is_made_anew(cache_folder, data):
    codecache.kept("k" * 64, lambda: b"code")
    (path,) = cache_folder.iterdir()
    path.write_bytes(data)
    assert codecache.kept("k" * 64, lambda: b"anew") == b"anew"


def test_the_code_of_one_key_is_not_that_of_another_whose_name_is_the_same(cache_folder):
    codecache.kept("k" * 32 + "1", lambda: b"one")
    assert codecache.kept("k" * 32 + "2", lambda: b"two") == b"two"


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_others_could_have_written_is_not_run(cache_folder, what):
    codecache.kept("k" * 64, lambda: b"code")
    (path,) = cache_folder.iterdir()
    (path if what == "file" else cache_folder).chmod(0o777)
    assert codecache.kept("k" * 64, lambda: b"made") == b"made"
    cache_folder.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_in_the_cache_is_not_followed(cache_folder, tmp_path):
    codecache.kept("k" * 64, lambda: b"code")
    (path,) = cache_folder.iterdir()
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert codecache.kept("k" * 64, lambda: b"made") == b"made"
    assert not path.is_symlink()


def test_without_a_folder_it_is_made_each_time(tmp_path):
    (tmp_path / "cache").write_text("a file stands where the folder would")
    assert codecache.kept("k" * 64, lambda: b"one") == b"one"
    assert codecache.kept("k" * 64, lambda: b"two") == b"two"


def test_a_replay_translates_nothing_where_its_code_is_kept(monkeypatch):
    night = Recording(eventful(), 0.122, 104.0)
    first = engines.rows_of(night, "native")
    monkeypatch.setattr(native, "_loaded", {})
    monkeypatch.setattr(native, "text", lambda: pytest.fail("the code is kept"))
    assert engines.rows_of(night, "native") == first == engines.rows_of(night, "python")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="jumps of x86")
@pytest.mark.skipif(shutil.which("objdump") is None, reason="who reads the code is not there")
def test_no_jump_touches_the_end_of_32_bytes_where_that_is_slow(monkeypatch, tmp_path):
    import llvmlite.binding as llvm

    native.load()  # LLVM begins
    monkeypatch.setattr(llvm, "get_host_cpu_name", lambda: "skylake")
    (tmp_path / "code.o").write_bytes(native.made(native.text()))
    command = ["objdump", "-d", "--no-show-raw-insn", tmp_path / "code.o"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^ +([0-9a-f]+):\t(\w+)", listed, re.MULTILINE)
    places = [(int(at, 16), name) for at, name in found]
    jumps = [(at, end) for (at, name), (end, _) in pairwise(places) if name.startswith("j")]
    assert len(jumps) > 100
    assert not [at for at, end in jumps if at // 32 != end // 32]


def test_no_vectors_are_asked_for_that_are_wider_than_what_is_there(monkeypatch):
    import llvmlite.binding as llvm

    able = {"avx2": True, "avx512f": True, "avx512vl": True, "sse4.2": False}
    monkeypatch.setattr(llvm, "get_host_cpu_features", lambda: llvm.targets.FeatureMap(able))
    assert native._features(llvm) == "+avx2,-avx512f,-avx512vl,-sse4.2"


def test_another_source_is_another_key(monkeypatch):
    import llvmlite.binding as llvm

    before = native._key(llvm)
    monkeypatch.setattr(native.source, "TEXT", native.source.TEXT + "\n")
    assert native._key(llvm) != before
