"""The page of versions, as Markdown: what is written, who reads it, and what of older ones.

Numbers come from the code; what reads what is said here, with the test that holds it. Run by
`make docs`; a test holds the copy equal, and looks for the tests that are named.
"""

import ast
from pathlib import Path
from typing import NamedTuple

from command_pages import cell, table

SOURCE = Path(__file__).resolve().parents[1] / "src" / "notturno"


class Written(NamedTuple):
    """One thing that is written by one version and read by another.

    version: as the code says it; older, newer: what a reader does with one of another version;
    held_by: the tests of that, relative to tests/.
    """

    what: str
    version: str
    where: str
    writes: str
    reads: str
    older: str
    newer: str
    held_by: str


def all_written() -> list[Written]:
    """Return the rows of the table, in the order of a night's way."""
    from notturno import __version__, records_file
    from notturno.files import backup, lossless
    from notturno.flashing import package
    from notturno.keys import key_file
    from notturno.scoring import versions
    from notturno.store import schema
    from notturno_core import limits, names, protocol, segments, wire

    return [
        Written(
            *("program", __version__, "notturno/__init__.py"),
            *("pyproject, every file that leaves", "people", "", ""),
            "house/test_made_pages.py",
        ),
        Written(
            *("protocol (the conversation by radio)", str(protocol.VERSION)),
            *("notturno_core/protocol.py", "band and host", "the other one"),
            *("refused, in a sentence that says which to update", "the same"),
            "independent_client/test_faults_of_a_band.py",
        ),
        Written(
            *("log (the records' layouts)", str(wire.LOG_VERSION), "notturno_core/wire.py"),
            *("band", "host, phone page"),
            "all: layouts grow at their ends, TIME and events of layouts 1 and 2 are read",
            "refused before a record is fetched; a kind that is not known is kept as it came",
            "wire/test_wire_layout.py",
        ),
        Written(
            *("event layout", str(wire.EVENT_LAYOUT), "notturno_core/wire.py", "band", "host"),
            "1: read, keeps the band's own names, and is no part of what needs the newer facts; "
            "2: named again, what is held told from what rings by its length",
            *("the part that is known is read", "store/test_naming.py"),
        ),
        Written(
            *("detector", str(segments.DETECTOR_VERSION), "notturno_core/segments.py"),
            *("band, into every SESSION", "host"),
            "nights of different detectors are shown, and never compared or put in one trend",
            *("the same", "scoring_nights/test_stats_commands.py"),
        ),
        Written(
            *("names (which facts are called what)", str(names.VERSION)),
            *("notturno_core/names.py", "band, host", "host"),
            "events with facts are named again by the host's table; `names_version` says by which",
            *("the same", "store/test_naming.py"),
        ),
        Written(
            *("rules (what makes a night's figures)", versions.rules_version()),
            *("scoring/versions.py", "host", "host"),
            "nights made by others are made again from the records when something is written",
            *("the same", "one_truth/test_stale_rules.py"),
        ),
        Written(
            *("database", f"form {len(schema.MIGRATIONS)}", "store/schema.py", "host", "host"),
            "all since 1: read as they lie, brought up to date at the first writing",
            *("refused, nothing is changed", "store/test_every_form.py"),
        ),
        Written(
            *("settings on a band", f"form {limits.FORM}", "notturno_core/limits.py"),
            *("host by cable", "band, host", "-"),
            "put aside and said; a single name that is not known is left out",
            "flashing/test_settings.py",
        ),
        Written(
            *("program for a band", package.SCHEMA, "flashing/package.py", "host"),
            "host, band",
            *("replaced", "left; a band that a newer program was put on says so"),
            "flashing/test_update.py",
        ),
        Written(
            *("key of a band", key_file.SCHEMA, "keys/key_file.py", "host", "host", "-"),
            *("neither read nor replaced, and said", "keys/test_key_ring.py"),
        ),
        Written(
            *("records from a phone", records_file.SCHEMA, "records_file.py", "phone page"),
            *("`import`", "-", "refused: update notturno", "files/test_files_in.py"),
        ),
        Written(
            *("whole export", lossless.SCHEMA, "files/lossless.py", "`export`", "`import`", "-"),
            *("refused: update notturno", "files/test_round_trip.py"),
        ),
        Written(
            *("backup", backup.SCHEMA, "files/backup.py", "`backup`", "`restore`", "-"),
            *("refused: update notturno", "files/test_backup_and_restore.py"),
        ),
    ]


def schemas() -> list[tuple[str, str]]:
    """Return [(schema, file)] of every JSON document of the host, by name."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if {"node_modules", "shims"} & set(path.parts):
            continue
        source = path.read_text(encoding="utf-8")
        if "SCHEMA" not in source:
            continue
        for node in ast.parse(source).body:
            if isinstance(node, ast.Assign):
                found += [(text, path) for text in _of_assignment(node)]
    return sorted((text, path.relative_to(SOURCE).as_posix()) for text, path in found)


def _of_assignment(node):
    names, values = node.targets, [node.value]
    if isinstance(names[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        names, values = names[0].elts, node.value.elts
    for name, value in zip(names, values, strict=False):
        said = isinstance(value, ast.Constant) and isinstance(value.value, str)
        if said and getattr(name, "id", "").endswith("SCHEMA"):
            yield value.value


def page() -> str:
    """Return the page."""
    rows = [
        [one.what, f"`{one.version}`", f"`{one.where}`", one.writes, one.reads]
        + [cell(one.older) or "-", cell(one.newer) or "-", f"`tests/{one.held_by}`"]
        for one in all_written()
    ]
    return "\n".join(
        [
            "# Versions\n\nMade from the code by `make docs`. `notturno --version` says program, "
            "commit, detector, protocol and log.\nA version is raised when the meaning changes; "
            "what changed, for people, is in the\n[changelog](../.github/CHANGELOG.md).\n",
            table(
                ["what", "version", "where", "written by", "read by", "an older one"]
                + ["a newer one", "held by"],
                rows,
            ),
            "## JSON\n\nEvery document of `--json`, and every file of ours, names its schema. "
            "Keys are added without a new\nnumber; one that goes or changes its meaning raises "
            "it.\n",
            table(["schema", "made in"], [[f"`{text}`", f"`{name}`"] for text, name in schemas()]),
        ]
    )
