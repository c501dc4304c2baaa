"""A board on the table: real MicroPython, real littlefs, spoken to as over a cable."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from notturno.flashing.line import BandError

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
MICROPYTHON = shutil.which("micropython", path=str(Path(sys.executable).parent))
BLOCKS = 512  # 2 MB, as on a C3
END = "\x04end"


class UnixBoard:
    """Has `run` and `ask` of a Line, and what a table has besides: power, cuts, a look inside.

    codes: what was run on it since `record()`. rom_blocks: of a ROM partition; 0: it has none.
    """

    port = "unix"

    def __init__(self, blocks=BLOCKS, rom_blocks=0):
        self._process = subprocess.Popen(
            [MICROPYTHON, "-X", "heapsize=32M", str(HERE / "on_unix.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.codes = None
        self._order(op="new", blocks=blocks, rom_blocks=rom_blocks)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _order(self, **what):
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            if line.startswith(END + " 0"):
                return "".join(said)
            if line.startswith(END + " 1"):
                error = []
                for more in self._process.stdout:
                    if more.startswith(END):
                        raise BandError("".join(error))
                    error.append(more)
            said.append(line)
        raise AssertionError(f"the board died: {''.join(said)[-2000:]}")

    def record(self):
        self.codes = []

    def run(self, code):
        if self.codes is not None:
            self.codes.append(code)
        return self._order(op="run", code=code)

    def ask(self, code):
        return json.loads(self.run(code).strip().splitlines()[-1])

    def plug(self):
        """Power off and on, without running its program: what a host's prompt finds."""
        self._order(op="again")

    def start(self, cause=1):
        """Start its program; return [how it ended, the versions of its modules]."""
        said = self._order(op="start", cause=cause)
        self.said = said
        return json.loads(said.strip().splitlines()[-1])

    def keep(self):
        """Remember the flash as it is; `back` brings it there again."""
        self._order(op="keep")

    def back(self):
        self._order(op="back")

    def cut(self, codes, left, torn=0):
        """Take the power away at write `left` of `codes`, torn after so many quarters."""
        self._order(op="cut", codes=codes, left=left, torn=torn)

    def cuts(self, codes, checks, tears=(0, 2), first=0, step=1):
        """Cut `codes` at every write; return writes, {what `checks` left in `found`: times}.

        The flash is then as it was before.
        """
        said = self._order(
            op="cuts", codes=codes, checks=checks, tears=list(tears), first=first, step=step
        )
        writes, found = json.loads(said.strip().splitlines()[-1])
        return writes, {json.dumps(json.loads(key)): times for key, times in found.items()}

    # --- the flash -------------------------------------------------------------------------------

    def write(self, path, data):
        self._order(
            op="run",
            code=f"import os\nfor n in range(1, {path!r}.count('/')):\n"
            f" try: os.mkdir('/'.join({path!r}.split('/')[:n + 1]))\n except OSError: pass\n"
            f"with open({path!r}, 'wb') as f: f.write({bytes(data)!r})",
        )

    def read(self, path):
        return eval(self._order(op="run", code=f"print(open({path!r}, 'rb').read())").strip())

    def names(self, folder="/"):
        return set(eval(self._order(op="run", code=f"import os\nprint(os.listdir({folder!r}))")))


def small_firmware(folder, version, run="pass", modules=12):
    """Write a firmware whose modules all know their version and say if they are not one."""
    (folder / "lib" / "notturno_core").mkdir(parents=True, exist_ok=True)
    for name in ("main.py", "slots.py"):
        shutil.copyfile(FIRMWARE / name, folder / name)
    (folder / "config.py").write_text(f"FIRMWARE_VERSION = {version!r}\n")
    (folder / "lib" / "notturno_core" / "__init__.py").write_text("")
    names = [f"m{k}" for k in range(modules)] + ["notturno_core.wire"]
    for k, name in enumerate(names):
        path = folder / (("lib/" if "." in name else "") + name.replace(".", "/") + ".py")
        # never run, and not to be known as such: it fills the file. Of long texts, which are no
        # names: each name of each version would stay in the VM's table, which every import reads.
        texts = [f"{version} {name} {n}".ljust(32, ".") for n in range(9 * k + 1)]
        filler = "".join(f"    print({text!r})\n" for text in texts)
        path.write_text(f"VERSION = {version!r}\nif not VERSION:\n{filler}")
    imports = "".join(f"import {name}\n" for name in names)
    versions = ", ".join(f"{name}.VERSION" for name in names)
    (folder / "app.py").write_text(
        f"import machine\nimport slots\nimport config\n{imports}\n"
        f"def run():\n    machine.ran = sorted(set([config.FIRMWARE_VERSION, {versions}]))\n"
        f"    {run}\n"
    )
    return folder
