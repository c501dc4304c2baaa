"""Try a built package where no checkout is:  try_package.py FILE [--hours 0.3]

FILE: a wheel or a source package. Makes a bare environment in a temporary folder, installs the
file by pip as this machine has it set up, and runs there, without PYTHONPATH and without a Node.js
of the machine's: --version, flash --help, the score of a list, and what the demo says where its
extra is missing; then, with the extras `virtual` and `report`, the self-test of a virtual band,
the demo, its nights and the doctor's report of them. Prints what ran; raises SystemExit with the
output of what failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ASK_AGAIN_S = 2.0
EXTRAS = "virtual,report"
# Five movements, 20 s apart: one series by both rule sets.
LIST = "onset_s,duration_s,side\n" + "".join(f"{20 * i + 5},2.0,L\n" for i in range(5))
ANSWER_S = 900.0  # under load a night of a virtual band takes its time


class Bare:
    """An environment with nothing but Python, a home of its own, and what is installed in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.bin = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
        venv.create(folder / "env", with_pip=True)
        kept = ("SYSTEMROOT", "LD_LIBRARY_PATH", "PIP_CONFIG_FILE", "PIP_INDEX_URL")
        kept += ("PIP_FIND_LINKS", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.environment |= {"HOME": str(folder), "PATH": str(folder / "nothing")}
        self.environment |= {"NOTTURNO_LANG": "en"}

    def run(self, program: str, *arguments: str, **more: str) -> str:
        """Run a program of the environment to its end; return what it printed."""
        words = [str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def install(self, file: Path, extras: str = "") -> None:
        """Install a package with what its extras need; pip's own settings hold."""
        own = {"HOME": os.environ.get("HOME", ""), "PATH": os.environ["PATH"]}
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        self.run("python", *pip, f"{file}[{extras}]" if extras else str(file), **own)

    def refused(self, *arguments: str) -> str:
        """Return the one sentence with which a command is refused."""
        words = [str(self.bin / "notturno"), *arguments]
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
        )
        *_, last = [line for line in done.stderr.splitlines() if line.strip()] or [""]
        if done.returncode != 1 or not last.startswith("notturno: ") or "Traceback" in done.stderr:
            raise SystemExit(f"{' '.join(words)} said no sentence:\n{done.stderr}")
        return last

    def self_test(self) -> str:
        """Return what a virtual band says of itself, asked over the virtual radio."""
        words = [str(self.bin / "notturno"), "band", "--hours", "0.05", "--json"]
        with subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as band:
            try:
                at = json.loads(band.stdout.readline())["hci"]
                return self._asked(at, band)
            finally:
                band.terminate()  # a shell's background lets nobody be interrupted

    def _asked(self, at: str, band: subprocess.Popen) -> str:
        """Return the band's answer, asked again while it sleeps or is slow to take a call."""
        end_s = time.monotonic() + ANSWER_S
        while True:
            try:
                return self.run("notturno", "check", "--virtual", at, "--timeout", "120")
            except SystemExit as failed:
                early = "it records" in str(failed) or "No virtual band is at" in str(failed)
                if not early or band.poll() is not None or time.monotonic() > end_s:
                    raise
            time.sleep(ASK_AGAIN_S)


def tried(file: Path, hours: float) -> list[str]:
    """Return the lines that say what ran. Raises SystemExit where something failed."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Bare(Path(folder).resolve())
        bare.install(file)
        lines = [bare.run("notturno", "--version").strip()]
        if "--port" not in bare.run("notturno", "flash", "--help"):
            raise SystemExit("flash --help does not name its options")
        lines.append("flash --help: said")
        (bare.folder / "list.csv").write_text(LIST, encoding="utf-8")
        plms = scored(bare.run("notturno", "score", "list.csv", "--json"))
        lines.append(f"score: {plms} PLM of five by both rules")
        lines.append(f"without extras: {bare.refused('demo', '--hours', '0.1')}")
        bare.install(file, EXTRAS)
        lines.append(bare.self_test().strip())
        lines += shown(bare, hours)
    return lines


def scored(told: str) -> int:
    """Return the PLM of the list above. Raises SystemExit where the rule sets say another."""
    found = {rules: figures["plm"] for rules, figures in json.loads(told).items()}
    if set(found.values()) != {5}:
        raise SystemExit(f"five movements 20 s apart are a series of five; score says {found}")
    return 5


def shown(bare: Bare, hours: float) -> list[str]:
    """Return what the demo left to be seen: a chart, three nights, a report that is a PDF."""
    told = bare.run("notturno", "demo", "--hours", str(hours))
    if not list(bare.folder.rglob("demo/chart.html")):
        raise SystemExit(f"the demo drew no chart:\n{told}")
    nights = json.loads(bare.run("notturno", "--demo", "nights", "--json"))["nights"]
    if len(nights) != 3:
        raise SystemExit(f"the demo's nights are {len(nights)}, not 3")
    bare.run("notturno", "--demo", "report", "--out", "doctor.pdf")
    report = (bare.folder / "doctor.pdf").read_bytes()
    if not report.startswith(b"%PDF-"):
        raise SystemExit("the report is no PDF")
    return [f"demo: its chart is drawn, {len(nights)} nights; report: {len(report)} B of PDF"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--hours", type=float, default=0.3)
    given = parser.parse_args()
    print(f"{given.file.name} on Python {sys.version.split()[0]}", flush=True)
    for line in tried(given.file.resolve(), given.hours):
        print(f"  {line}")


if __name__ == "__main__":
    main()
