"""Compiles the detector's own functions with numba, so that a whole night is one call.

Touches numba (extra `fast`) and a cache folder of the platform. The generated file holds the
detector's integers, its stages and its `process` taken from the source, and a loop over chunks;
its name carries a hash of all that, so that code of an older detector can never be met.

Integers are 64 bits wide here and 32 on the band: equal because no value leaves 32 bits, which
tests/detector/test_bounds.py holds to be true.
"""

import ast
import hashlib
import importlib.util
import os
import sys
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from notturno_core import segments

from notturno.detect import source

# Runs `process` over chunks until the samples end or `rows` could not hold one more call's rows.
_NIGHT = '''
def night(state, words, first, n, out, rows, counted):
    """Return the sample reached; counted[0] is the number of rows gathered."""
    count = 0
    i = first
    while i < n and (count + MAX_ROWS) * OUT_WORDS <= len(rows):
        take = min(MAX_CHUNK, n - i)
        got = process(state, words[i * 3 : (i + take) * 3], take, out)
        for k in range(got * OUT_WORDS):
            rows[count * OUT_WORDS + k] = out[k]
        count += got
        i += take
    counted[0] = count
    return i
'''
_loaded = {}


def text() -> str:
    """Return the generated module's source."""
    parts = ['"""Made from the detector\'s source for numba; do not edit."""', "import numba"]
    for name, value in sorted(source.constants(segments).items()):
        parts.append(f"{name} = {value}")
    nodes = source.functions(source.stage_names() + source.seldom_names(), source.TEXT)
    nodes.append(source.unrolled_process(source.TEXT))
    nodes += ast.parse(_NIGHT).body
    for node in nodes:
        assert isinstance(node, ast.FunctionDef)
        for argument in node.args.args:
            argument.annotation = None
        node.returns = None
        node.decorator_list = [ast.parse("numba.njit(cache=CACHE, nogil=True)", mode="eval").body]
        parts.append(ast.unparse(node))
    return "\n\n".join(parts) + "\n"


def load() -> ModuleType:
    """Return the generated module; its functions compile on their first call, or come from cache.

    Raises ImportError where numba is not installed.
    """
    if "kernel" not in _loaded:
        import numba

        body = text()
        tag = hashlib.sha256((numba.__version__ + sys.version + body).encode()).hexdigest()[:16]
        folder, lasting = _folder()
        path = folder / f"notturno_kernel_{tag}.py"
        if not path.exists():
            body = body.replace("import numba", f"import numba\n\nCACHE = {lasting}", 1)
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text(body, encoding="utf-8")
            os.replace(part, path)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None  # it has just been written
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        _loaded["kernel"] = module
    return _loaded["kernel"]


def _folder() -> tuple[Path, bool]:
    """Return a folder for generated code, and whether it outlives this process."""
    import platformdirs

    try:
        folder = Path(platformdirs.user_cache_dir("notturno")) / "kernel"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder, True
    except OSError:
        pass
    _loaded["folder"] = tempfile.TemporaryDirectory()
    return Path(_loaded["folder"].name), False


def stages() -> dict:
    """Return the compiled stages as callables of the detector's signature, for any buffers."""
    import numpy as np

    module = load()

    def wrap(compiled) -> Callable:
        def run(state: array, samples: memoryview, n: int, out: array) -> int:
            words = np.frombuffer(samples, np.uint16) if len(samples) else np.zeros(0, np.uint16)
            return compiled(np.frombuffer(state, np.int32), words, n, np.frombuffer(out, np.int32))

        return run

    return {name: wrap(getattr(module, name)) for name in source.stage_names()}
