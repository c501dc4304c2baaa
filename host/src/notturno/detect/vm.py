"""Runs the detector as bytecode in the real MicroPython VM (its WebAssembly build, under node).

Touches node as a subprocess and a temporary folder through which samples, rows and state go.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from notturno_core import segments

from notturno.detect import source
from notturno.errors import UserError

_HERE = Path(__file__).parent


def run(
    state: array,
    words: Any,
    chunks: Sequence[int] = (segments.MAX_CHUNK,),
    trace: bool = False,
) -> tuple[array, array] | tuple[array, array, list[bytes]]:
    """Return (state at the end, rows) or, with `trace`, (state, rows, state after each chunk).

    state: a detector's, as array of int32; left as it is. words: uint16, x y z interleaved.
    chunks: their sizes; the last one repeats to the end. Raises UserError where node or the VM is
    missing, RuntimeError with the VM's words where the detector fails in it.
    """
    from notturno.virtualband import node

    command = [*node.node_command()]
    with tempfile.TemporaryDirectory() as name:
        job = Path(name)
        (job / "samples").write_bytes(memoryview(words).cast("B"))
        (job / "state").write_bytes(bytes(state))
        (job / "job.json").write_text(json.dumps({"chunks": list(chunks), "trace": trace}))
        command += [_HERE / "vm_replay.mjs", node.wasm_module(), source.DETECTOR_FILE.parent]
        command += [_HERE / "vm_replay.py", job]
        try:
            done = subprocess.run(
                [str(part) for part in command], capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise UserError(
                "Node.js cannot be started ({why_said}).", why_said=error.strerror
            ) from error
        if done.returncode:
            raise RuntimeError(f"the detector failed in the VM: {done.stderr or done.stdout}")
        end = array("i")
        end.frombytes((job / "state").read_bytes())
        rows = array("i")
        rows.frombytes((job / "rows").read_bytes())
        if not trace:
            return end, rows
        data = (job / "states").read_bytes()
        size = 4 * segments.STATE_WORDS
        return end, rows, [data[i : i + size] for i in range(0, len(data), size)]
