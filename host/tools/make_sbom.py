"""Write what a wheel is made of and needs, as CycloneDX 1.5 JSON:  make_sbom.py WHEEL OUT

Touches the wheel, the installed packages' own metadata, the lock file of the virtual band's VM.
The same wheel beside the same packages gives the same bytes: no time, no chance. Versions and
licences are those of the packages installed here, as they state them; what is not installed is
named without.
"""

import hashlib
import json
import sys
import uuid
import zipfile
from email.parser import Parser
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SPEC = "1.5"
LOCK = "notturno/virtualband/vm/package-lock.json"
NAMESPACE = uuid.UUID("6e6f7474-7572-6e6f-0001-000000000001")
REQUIRED, OPTIONAL = "required", "optional"


def about_wheel(path: Path) -> tuple[dict, list[str], dict, bytes]:
    """Return (metadata, requirements, npm lock, bytes) of a wheel."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        said = Parser().parsestr(archive.read(name).decode())
        lock = json.loads(archive.read(LOCK)) if LOCK in archive.namelist() else {}
    return said, said.get_all("Requires-Dist") or [], lock, data


def needed(requirements, extras=("",)) -> set[str]:
    """Return the names of packages that hold on this machine, for any of the extras."""
    found = set()
    for text in requirements:
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": e}) for e in extras):
            found.add(canonicalize_name(wanted.name))
    return found


def closure(names: set[str]) -> set[str]:
    """Return the names, and of those that are installed all that they need."""
    found, waiting = set(), sorted(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            waiting += sorted(needed(metadata.requires(name) or []) - found)
        except metadata.PackageNotFoundError:
            continue
    return found


def component(name: str, scope: str) -> dict:
    """Return one package of PyPI as a component."""
    made = {"type": "library", "name": name, "scope": scope, "purl": f"pkg:pypi/{name}"}
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return {**made, "bom-ref": made["purl"]}
    made["version"] = said["Version"]
    made["purl"] += f"@{said['Version']}"
    licence = said.get("License-Expression") or said.get("License") or ""
    if licence and "\n" not in licence and len(licence) < 80:
        made["licenses"] = [{"license": {"name": licence}}]
    return {**made, "bom-ref": made["purl"]}


def npm_components(lock: dict) -> list[dict]:
    """Return the packages of an npm lock file."""
    found = []
    for place, said in sorted(lock.get("packages", {}).items()):
        if place:
            name = place.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{said['version']}"
            found.append(
                {
                    "type": "library",
                    "name": name,
                    "version": said["version"],
                    "scope": OPTIONAL,
                    "purl": purl,
                    "bom-ref": purl,
                }
            )
    return found


def sbom(path: Path) -> dict:
    """Return the bill of materials of a wheel."""
    said, requirements, lock, data = about_wheel(path)
    own = closure(needed(requirements))
    extras = said.get_all("Provides-Extra") or []
    more = closure(needed(requirements, [e for e in extras if e != "test"])) - own
    parts = [component(name, REQUIRED) for name in sorted(own)]
    parts += [component(name, OPTIONAL) for name in sorted(more)]
    parts += npm_components(lock)
    name, version = said["Name"], said["Version"]
    main = {
        "type": "application",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}],
    }
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {"component": main},
        "components": parts,
        "dependencies": [
            {"ref": main["bom-ref"], "dependsOn": sorted(part["bom-ref"] for part in parts)}
        ],
    }
    text = json.dumps(made, sort_keys=True)
    return {"serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, text)}", **made}


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit("usage: make_sbom.py WHEEL OUT")
    made = sbom(Path(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
    print(f"{sys.argv[2]}: {len(made['components'])} components")


if __name__ == "__main__":
    main()
