"""Make the pages that the code knows best, from the code. Run by `make docs`.

Touches those pages alone: the tables of firmware/PROTOCOL.md (what a field means is the comment
beside it), the data dictionary, commands, settings, versions, and the rooms in ARCHITECTURE.md.
"""

import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "firmware" / "lib" / "notturno_core"
PAGE = ROOT / "firmware" / "PROTOCOL.md"
CODES = {"B": "u8", "H": "u16", "I": "u32", "Q": "u64", "b": "i8", "h": "i16"}
FIELD = re.compile(r'\("(\w+)", "(\d*[BHIQbhs])"\),?(?:\s*#\s*(.*))?')
TABLE = re.compile(r"^(\w+_FIELDS\w*) = ", re.MULTILINE)
MARK = re.compile(
    r"(<!-- (table|kinds|records)(?: (\w+)\.(\w+))? -->\n).*?(<!-- end -->)", re.DOTALL
)


def tables(module: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return {table: [(field, struct code, comment)]} of a file of notturno_core."""
    text = (CORE / f"{module}.py").read_text(encoding="utf-8")
    found = {}
    starts = [*TABLE.finditer(text)]
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        body = text[match.end() : following.start() if following else len(text)]
        lines, depth = [], 0
        for line in body.splitlines():
            lines.append(line)
            code = line.partition("#")[0]
            depth += code.count("(") - code.count(")")
            if depth == 0:
                break
        found[match[1]] = [
            (m[1], m[2], m[3] or "") for line in lines for m in FIELD.finditer(line)
        ]
    return found


def table_text(fields) -> str:
    """Return a field table in Markdown: offset, field with its type, meaning."""
    rows = ["| offset | field | |", "|---|---|---|"]
    offset = 0
    for name, code, comment in fields:
        count = int(code[:-1] or 1)
        kind = f"{count} bytes" if code[-1] == "s" else CODES[code[-1]]
        kind += f" x {count}" if code[-1] != "s" and count > 1 else ""
        rows.append(f"| {offset} | {name} {kind} | {comment} |")
        offset += struct.calcsize("<" + code)
    return "\n".join(rows) + "\n"


def _kinds(wire):
    rows = ["| kind | name |", "|---|---|"]
    return (
        "\n".join(rows + [f"| {kind} | {name} |" for kind, name in wire.REC_NAMES.items()]) + "\n"
    )


def _records(wire):
    said = tables("wire")
    parts = []
    for kind, name in wire.REC_NAMES.items():
        table = f"{name.upper()}_FIELDS"
        if table not in said:
            continue
        older = [said.get(f"{table}_V{layout}", []) for layout in (1, 2)]
        fields = sum(older, []) + said[table]
        parts.append(f"**{name}** ({kind})\n\n{table_text(fields)}")
    for prefix in (
        "EVENT",
        "FLAG",
        "MINUTE",
        "END",
        "FAULT",
        "SEGMENT",
        "SESSION",
        "SOURCE",
        "SNIPPET",
        "START",
        "CHECK",
    ):
        numbers = _numbers(wire, prefix)
        parts.append(f"Numbers of {prefix}_*: {numbers}.\n")
    return "\n".join(parts)


def _numbers(wire, prefix):
    named = [
        (value, name.removeprefix(prefix + "_").lower())
        for name, value in vars(wire).items()
        if name.startswith(prefix + "_") and isinstance(value, int) and name != "EVENT_LAYOUT"
    ]
    return ", ".join(f"{value} {name}" for value, name in sorted(named))


def filled(text: str) -> str:
    """Return the page with its tables made anew."""
    sys.path[:0] = [str(CORE.parent)]
    from notturno_core import wire

    def made(match):
        head, what, module, table, end = match.groups()
        if what == "table":
            body = table_text(tables(module)[table])
        else:
            body = _kinds(wire) if what == "kinds" else _records(wire)
        return head + body + end

    return MARK.sub(made, text)


def pages() -> dict[Path, str]:
    """Return {path: what the page should say}."""
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "host" / "src")]
    sys.path[:0] = [str(CORE.parent)]
    import command_pages
    import house_page
    import version_page
    from notturno.nights import dictionary

    house = ROOT / ".github" / "ARCHITECTURE.md"
    return {
        PAGE: filled(PAGE.read_text(encoding="utf-8")),
        ROOT / "host" / "src" / "notturno" / "nights" / "COLUMNS.md": dictionary.page(),
        ROOT / "host" / "COMMANDS.md": command_pages.reference(),
        ROOT / "host" / "SETTINGS.md": command_pages.settings(),
        ROOT / "host" / "VERSIONS.md": version_page.page(),
        house: house_page.filled(house.read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
