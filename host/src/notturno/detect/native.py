"""The detector's own functions in this machine's code, so that a whole night is a few calls.

Touches llvmlite (extra `fast`) and, by `codecache`, a cache folder of the platform. The stages and
`process` are taken from the source and translated by `llvm_text`, with a loop over chunks; LLVM
makes machine code of them. What that code is made of, and for which processor, is its key in the
cache, so that code of an older detector or for another machine can never be met.
"""

from __future__ import annotations

import ast
import ctypes
import hashlib
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notturno_core import segments

from notturno.detect import codecache, llvm_text, source

if TYPE_CHECKING:
    import numpy as np

# Runs `process` over chunks until the samples end or `rows` could not hold one more call's rows.
# Coarse counts are doubled here, a chunk at a time: outside, each piece would ask for the
# interpreter, which who names rows meanwhile gives up 200 times a second at most.
_NIGHT = '''
def night(state, samples, n, times, finer, out, rows, room, counted):
    """Return how many samples were taken; counted[0] is the number of words gathered."""
    count = 0
    i = 0
    while i < n and count + MAX_ROWS * OUT_WORDS <= room:
        take = min(MAX_CHUNK, n - i)
        if times == 0:
            got = process(state, samples[3 * i :], take, out) * OUT_WORDS
        else:
            k = 0
            while k < 3 * take:
                finer[k] = samples[3 * i + k] << times
                finer[k + 1] = samples[3 * i + k + 1] << times
                finer[k + 2] = samples[3 * i + k + 2] << times
                k += 3
            got = process(state, finer, take, out) * OUT_WORDS
        k = 0
        while k < got:
            rows[count + k] = out[k]
            k += 1
        count += got
        i += take
    counted[0] = count
    return i
'''
_BUFFERS = {"state": "i32", "samples": "i16", "out": "i32", "rows": "i32", "counted": "i32"}
_BUFFERS["finer"] = "i16"
# The quick path meets every sample. It names its words by constants, and its computed indices
# reach tables that it names in no other way.
_HELD = ("quick_path",)
_SPEED = 2  # as cc -O2; at 3 it takes longer to make and is no quicker
# These decode 32 bytes of code anew each time if a jump touches their end (Intel: Mitigations for
# Jump Conditional Code Erratum, 2019). With each jump put elsewhere a replay is a twelfth quicker.
_SLOW_JUMPS = ("skylake", "skylake-avx512", "cascadelake")
_JUMPS_WITHIN = "-x86-branches-within-32B-boundaries"
_loaded = {}


class Kernel:
    """The machine code, ready to be called."""

    def __init__(self, code: bytes) -> None:
        import llvmlite.binding as llvm

        nothing = llvm.parse_assembly("")
        self._engine = llvm.create_mcjit_compiler(nothing, _machine(llvm))  # keeps the code alive
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self._night = self._function("night", "ppiipppip")
        self._finer = ctypes.c_uint16 * (3 * segments.MAX_CHUNK)

    def _function(self, name: str, arguments: str) -> Callable[..., int]:
        """Return a function by name; arguments: p for a pointer, i for an integer."""
        kinds = [ctypes.c_void_p if each == "p" else ctypes.c_int32 for each in arguments]
        address = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(address)

    def night(
        self,
        state: np.ndarray,
        words: np.ndarray,
        first: int,
        end: int,
        out: np.ndarray,
        rows: np.ndarray,
        times: int = 0,
    ) -> tuple[int, int]:
        """Run the detector over samples first to end; return (sample reached, words of rows).

        words: uint16, x y z interleaved; the others int32: state as segments.new_state makes it,
        out for MAX_ROWS rows, rows for more. times: how often counts are doubled, as `finer` has
        it. It stops before `end` where `rows` is full. No interpreter is needed meanwhile: threads
        go on.
        """
        counted, finer = ctypes.c_int32(), self._finer()
        samples = words[3 * first :]
        taken = self._night(
            state.ctypes.data,
            samples.ctypes.data,
            end - first,
            times,
            ctypes.addressof(finer),
            out.ctypes.data,
            rows.ctypes.data,
            len(rows),
            ctypes.addressof(counted),
        )
        return first + taken, counted.value

    def stages(self) -> dict[str, Callable[..., int]]:
        """Return the stages as callables of the detector's signature, for arrays."""
        return {name: self._stage(name) for name in source.stage_names()}

    def _stage(self, name: str) -> Callable[..., int]:
        compiled = self._function(name, "pipp")

        def run(state: array, n: int, samples: memoryview, out: array) -> int:
            words = bytes(samples)
            return compiled(state.buffer_info()[0], n, words, out.buffer_info()[0])

        return run


def load() -> Kernel:
    """Return the Kernel, made or from the cache. Raises ImportError where llvmlite is missing."""
    if "kernel" not in _loaded:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        _loaded["kernel"] = Kernel(codecache.kept(_key(llvm), lambda: made(text())))
    return _loaded["kernel"]


def text() -> str:
    """Return the detector in LLVM's language."""
    nodes = source.functions(source.stage_names() + source.seldom_names(), source.TEXT)
    nodes.append(source.unrolled_process(source.TEXT))
    nodes += [node for node in ast.parse(_NIGHT).body if isinstance(node, ast.FunctionDef)]
    return llvm_text.module(nodes, source.constants(segments), _BUFFERS, _HELD)


def made(text: str) -> bytes:
    """Return the object file of a text in LLVM's language, for this machine."""
    import llvmlite.binding as llvm

    if llvm.get_host_cpu_name() in _SLOW_JUMPS:
        llvm.set_option("", _JUMPS_WITHIN)  # for all that LLVM makes in this process
    machine = _machine(llvm)
    module = llvm.parse_assembly(text)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(_SPEED)
    tuning.slp_vectorization = True  # the axes of a sample, and the samples of a sum, at once
    tuning.loop_vectorization = False  # loops are of some four rounds
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    return machine.emit_object(module)


def _machine(llvm: Any) -> Any:
    """Return this machine, as LLVM knows it."""
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=_features(llvm),
        opt=_SPEED,
        reloc="default",
        codemodel="jitdefault",
    )


def _features(llvm: Any) -> str:
    """Return what this machine's processor can do, and is to do.

    Without AVX-512: nothing here is wider than four words, and with it LLVM takes products of
    vectors for cheap, which on Intel last thrice as long as those of numbers: a replay is an
    eighth quicker.
    """
    try:
        found = llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM does not know them on every machine
        return ""
    for name in found:
        found[name] &= not name.startswith("avx512")
    return found.flatten()


def _key(llvm: Any) -> str:
    """Return what the machine code depends upon, as a digest."""
    import llvmlite

    told = [llvmlite.__version__, llvm.llvm_version_info, llvm.get_process_triple()]
    told += [llvm.get_host_cpu_name(), _features(llvm), source.TEXT]
    told += [Path(each).read_text("utf-8") for each in (__file__, llvm_text.__file__)]
    told += [Path(source.__file__).read_text("utf-8")]
    return hashlib.sha256(repr(told).encode()).hexdigest()
