"""Make the project's virtual environment and put what the project needs into it.

Touches `.venv` and, by pip and npm as this machine has them set up, the package registries. Runs
on a bare Python 3.11 or newer. Where Debian's python3-venv is not installed there is no pip to
start from: as root it is installed, else one sentence says what to install.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VM = ROOT / "host" / "src" / "notturno" / "virtualband" / "vm"
RUNS, TESTS = "virtual,fast", "test"  # extras
TESTS_OF_OTHERS = r"[\\/]tests?[\\/]"  # a quarter of all files, and nobody imports them


def make_environment():
    """Create `.venv` with pip in it."""
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_package()
    venv.create(VENV, with_pip=True, clear=False)


def install_venv_package():
    """Install what Debian split off Python; raises SystemExit where that is not for us to do."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise SystemExit(
            f"This Python has no ensurepip: install {package} (Debian: sudo apt-get install "
            f"{package}) and run it again."
        )
    print(f"Installing {package}", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", package], check=True)
    importlib.invalidate_caches()


def renew(pip):
    """Let pip bring its newest self; where that fails, the one that came with Python does it all.

    That one is as old as this Python: pip 23.2 takes 60 s of a processor to read the index and
    fetch what is needed here, pip 26.3 takes 25.
    """
    subprocess.run([*pip, "install", "--upgrade", "--no-compile", "pip"])


def runs_on():
    """Return what the project itself needs, as pyproject.toml says it: without what tests need."""
    import tomllib  # of Python 3.11: an older one is told so first

    with open(ROOT / "host" / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    extras = (project["optional-dependencies"][name] for name in RUNS.split(","))
    return sum(extras, project["dependencies"])


def install(python, pip):
    """Install the project, to be edited, with all that it needs, in two goes.

    pip works on one processor: what the first brings is compiled on another while the second runs.
    """
    pip = [*pip, "install", "--no-compile"]
    subprocess.run([*pip, *runs_on()], check=True)
    with begin_compiling(python):  # a file that is not yet whole is compiled again: by its size
        subprocess.run([*pip, "-e", f"{ROOT / 'host'}[{RUNS},{TESTS}]"], check=True)


def begin_compiling(python):
    """Compile on all processors what pip, left to itself, would compile on one; return who does.

    What cannot be compiled (a template) is passed over, as pip passes over it.
    """
    command = [python, "-m", "compileall", "-qq", "-j", "0", "-x", TESTS_OF_OTHERS, str(VENV)]
    return subprocess.Popen(command)


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
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    if not Path(python).exists() or subprocess.run([python, "-m", "pip", "-V"]).returncode:
        print("Making .venv", flush=True)
        make_environment()
        renew(pip)
    print("Installing Python packages (a few minutes the first time)", flush=True)
    install(python, pip)
    print("Installing the MicroPython VM", flush=True)
    with begin_compiling(python):
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
