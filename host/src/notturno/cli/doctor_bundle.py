"""What `doctor --bundle` writes: a zip of texts for a helper, without anything personal."""

from __future__ import annotations

import getpass
import os
import platform
import socket
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from notturno import __version__
from notturno.cli.options import open_for_reading
from notturno.errors import UserError
from notturno.paths import data_dir

if TYPE_CHECKING:
    from notturno.doctor.findings import Finding
    from notturno.store import Store

PACKAGES = ("bleak", "click", "cryptography", "mpremote", "numpy", "rich", "scipy")


def write_bundle(file: str, findings: list[Finding], folder: str | None) -> Path:
    """Write the bundle of some findings; return its path. Never over a file that is there.

    folder: the option of the data folder.
    """
    from notturno.doctor import bundle
    from notturno.files.written import whole_file

    path = Path(file).expanduser()
    facts, secrets = _facts(folder)
    texts = bundle.files(findings, facts, secrets)
    if os.path.lexists(path):
        raise UserError("{path} is there already; name another file.", path=path)
    with (
        whole_file(path, make_folder=False) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, text in texts.items():
            # The time of the file says when somebody was up: none is kept.
            archive.writestr(zipfile.ZipInfo(name), text)
    return path.resolve()


def _facts(folder: str | None) -> tuple[dict, dict[str, str]]:
    where = data_dir(folder, create=False).absolute()
    facts = {
        "notturno": __version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
    }
    secrets = {str(where): "FOLDER", str(Path.home()): "HOME", socket.gethostname(): "COMPUTER"}
    secrets[_user()] = "PERSON"
    if where.name != __name__.partition(".")[0]:  # the platform's folder bears our own name
        secrets[where.name] = "FOLDER"
    try:
        with open_for_reading(folder) as store:
            facts["logbook"] = _of_logbook(store)
            for number, band in enumerate(store.bands(), 1):
                secrets[band["device_id"]] = f"BAND {number}"
                secrets[band["name"]] = f"BAND {number}"
            secrets |= {tag["name"]: "TAG" for tag in store.tags()}
    except UserError as error:
        facts["logbook"] = str(error)
    return facts, secrets


def _of_logbook(store: Store) -> dict:
    bands = store.bands()
    faults: dict = {}
    for fault in store.faults():
        name = str(fault["name"])
        faults[name] = faults.get(name, 0) + 1
    rows = store.nights(last=30)
    return {
        "records": store.count_records(),
        "bands": [
            {"simulated": b["simulated"], "firmware": b["firmware"], "waiting": b["waiting"]}
            | {"battery_mv": b["battery_mv"], "state": b["state_names"], "nights": b["nights"]}
            for b in bands
        ],
        "faults": faults,
        "last_nights": [
            {key: row[key] for key in ("state", "recorded_h", "countable_h", "gap_h", "gaps")}
            | {"clock": row["clock"], "refused": (row["refusal"] or {}).get("code")}
            for row in rows
        ],
        "rules": sorted({row["rules_version"] for row in rows}),
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
