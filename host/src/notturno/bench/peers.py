"""Beside other programs: sleep window, not worn and time a file, on the same recordings.

Touches files, processes and the clock. The others need an interpreter of their own:

    python -m notturno.bench.peers --python PYTHON_WITH_THEM --out PEERS.md FILE.cwa ...

PYTHON_WITH_THEM has actipy (and Java) and scikit-digital-health. Two synthetic nights are added
to the files. Every figure is measured in this one run; ratios count, times are this machine's.
"""

import argparse
import json
import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from notturno_core import detector

from notturno.bench import cwa_night, machine, peers_there
from notturno.loggers.load import load
from notturno.loggers.nights import tables_of
from notturno.loggers.replayed import replayed

HOURS, SEED = 8.0, 1
GGIR = (
    "GGIR needs R, which Debian has, and itself, which only CRAN has; CRAN was out of reach. It "
    "publishes no tables for these files, so it stands here without figures. Its rules of sleep "
    "(van Hees 2015, 2018) are those of `sleep_rule` here."
)


def nights(folder: Path) -> list[Path]:
    """Write a synthetic night of HOURS as .cwa, packed as an AX3 does and in 16 bits."""
    night = machine.typical(HOURS * 100 / 105 + 0.1, SEED)
    out = []
    for name, packed, mg in (
        ("synthetic_night_ax3_packed.cwa", True, cwa_night.PACKED_MG),
        ("synthetic_night_16_bit.cwa", False, cwa_night.MG_PER_LSB),
    ):
        counts = np.round(night.acc * (night.mg_per_lsb / mg)).astype(np.int16)
        out.append(folder / name)
        out[-1].write_bytes(cwa_night.cwa_of(counts[: int(HOURS * 360_000)], packed))
    return out


def of_ours(path: Path | str) -> dict:
    """Return what we make of a recording, and how long it takes."""
    loaded, load_s, load_cpu_s = peers_there.best(lambda: load(path))
    found, detect_s, detect_cpu_s = peers_there.best(lambda: replayed(loaded))
    row = tables_of("p", str(path), loaded, found)["nights"]
    return {
        "samples": len(loaded.recording.acc),
        "read_s": load_s,
        "whole_s": load_s + detect_s,
        "cpu_s": load_cpu_s + detect_cpu_s,
        "not_worn_h": row["not_worn_h"][0],
        "sleep": (row["sleep_start_s"][0], row["sleep_end_s"][0]),
        "notes": [note.code for note in loaded.recording.notes],
    }


def measured(python: str, files: list[Path]) -> dict:
    """Return {peers, files: {path: {program: figures}}}; by turns, the best of each."""
    told = {"peers": {}, "files": {}}
    for path in map(str, files):
        rows = told["files"][path] = {"notturno": of_ours(path)}
        for name in peers_there.PEERS:
            rows[name] = _there(python, name, path)
            told["peers"][name] = told["peers"].get(name) or rows[name].get("version")
        again = of_ours(path)
        for key in ("read_s", "whole_s", "cpu_s"):
            rows["notturno"][key] = min(again[key], rows["notturno"][key])
    return told


def _there(python: str, name: str, path: Path | str):
    """Return what one peer makes of one file, in a process of its own, which it may bring down."""
    done = subprocess.run(
        [python, peers_there.__file__, name, path], capture_output=True, text=True, timeout=1800
    )
    if done.returncode:
        return {"refused": f"the process ended with {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def page(told: dict) -> str:
    """Return the page in Markdown."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    peers = ", ".join(f"{name} {version or 'missing'}" for name, version in told["peers"].items())
    lines = [
        "# Beside other programs",
        "",
        f"{when}, {platform.machine()}, Python {platform.python_version()}, detector "
        f"{detector.VERSION}; {peers}. Made by `python -m notturno.bench.peers`.",
        "",
        "Seconds are the best of several in one run on one shared machine: read the ratios. Read "
        "is the file to samples (of notturno with checks and calibration); whole is, of actipy, "
        "read, calibration and not worn, and of notturno read, detector and names. The nights are "
        f"synthetic, {HOURS:g} h asleep, worn throughout, in too few directions to calibrate by: "
        "notturno says so and goes on; the public files are minutes of loggers moved by hand, "
        "where nobody slept.",
        "",
        "| file | program | samples | read s | whole s | not worn h | sleep window |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for path, rows in told["files"].items():
        for name in ("notturno", "actipy", "skdh"):
            if name in rows:
                lines.append(_line(Path(path).name, name, rows[name]))
    lines += ["", "## Read and detect a night against actipy's read alone", ""]
    for path, rows in told["files"].items():
        if "synthetic" in path and "read_s" in rows.get("actipy", {}):
            ratio = rows["actipy"]["read_s"] / rows["notturno"]["whole_s"]
            cpu = rows["actipy"]["cpu_s"] / rows["notturno"]["cpu_s"]
            lines.append(
                f"- {Path(path).name}: {ratio:.1f} times as fast by the clock (goal 5), with "
                f"{cpu:.1f} times less of the processors' time."
            )
    return "\n".join([*lines, "", "## GGIR", "", GGIR, ""])


def _line(file, name: str, row):
    if "refused" in row:
        return f"| {file} | {name} | refused: {row['refused']} | - | - | - | - |"
    sleep = row["sleep"]
    if isinstance(sleep, tuple):
        sleep = "too short to say"
        if row["sleep"][0] is not None:
            sleep = f"{row['sleep'][0] / 60:.0f} to {row['sleep'][1] / 60:.0f} min"
    elif isinstance(sleep, dict):
        sleep = ", ".join(f"{k} {v}" for k, v in sleep.items()) or "gives none"
    off = row["not_worn_h"]
    off = f"{off:.2f}" if isinstance(off, float) else off
    whole = f"{row['whole_s']:.3f}" if "whole_s" in row else "-"
    return (
        f"| {file} | {name} | {row['samples']} | {row['read_s']:.3f} | {whole} | {off} | {sleep} |"
    )


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = measured(asked.python, [*asked.files, *nights(Path(folder))])
        asked.out.write_text(page(told), encoding="utf-8")


if __name__ == "__main__":
    main()
