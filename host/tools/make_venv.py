"""Make the project's virtual environment and put what the project needs into it.

Touches `.venv` and the package registries. Runs on a bare Python 3.11 or newer: where Debian's
python3-venv is not installed there is no pip to start from, so pip's own wheel is fetched from
PyPI and run as it is (a wheel of pip can be executed).
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VM = ROOT / "host" / "src" / "notturno" / "virtualband" / "vm"
EXTRAS = "virtual,fast,test"
PYPI_PIP = "https://pypi.org/pypi/pip/json"


def fetch_pip_wheel(folder):
    """Download pip's wheel from PyPI into `folder` and return its path."""
    with urllib.request.urlopen(PYPI_PIP, timeout=60) as answer:
        files = json.load(answer)["urls"]
    url = next(f["url"] for f in files if f["packagetype"] == "bdist_wheel")
    target = Path(folder) / url.rsplit("/", 1)[1]
    with urllib.request.urlopen(url, timeout=300) as answer:
        target.write_bytes(answer.read())
    return target


def make_environment(python):
    """Create `.venv`, with pip in it however this machine allows."""
    try:
        import ensurepip  # noqa: F401  (Debian splits it off into python3-venv)

        venv.create(VENV, with_pip=True, clear=False)
    except (ImportError, subprocess.CalledProcessError):
        venv.create(VENV, with_pip=False, clear=False)
        with tempfile.TemporaryDirectory() as folder:
            wheel = fetch_pip_wheel(folder)
            subprocess.run([python, f"{wheel}/pip", "install", "--quiet", "pip"], check=True)


def install_vm(python):
    """Fetch the MicroPython VM from npm, with the machine's npm or the one PyPI ships."""
    if (VM / "node_modules" / "@micropython").is_dir():
        return
    find = "from notturno.virtualband.node import npm_command; print('\\n'.join(npm_command()))"
    npm = subprocess.run([python, "-c", find], check=True, capture_output=True, text=True).stdout
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(VM)]
    subprocess.run([*npm.split("\n")[:-1], *arguments], check=True, cwd=VM)


def main():
    if sys.version_info < (3, 11):  # noqa: UP036  (said before anything else can fail)
        raise SystemExit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    python = str(VENV / "bin" / "python")
    if not Path(python).exists() or subprocess.run([python, "-m", "pip", "-V"]).returncode:
        print("Making .venv", flush=True)
        make_environment(python)
    print("Installing Python packages (a few minutes the first time)", flush=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-e", f"{ROOT / 'host'}[{EXTRAS}]"], check=True)
    print("Installing the MicroPython VM", flush=True)
    install_vm(python)
    (VENV / ".ready").write_text("made by make setup\n")


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    try:
        main()
    except (subprocess.CalledProcessError, OSError) as error:
        raise SystemExit(
            f"Set-up stopped: {error}\nCheck the network and free disk space, then run it again."
        ) from error
