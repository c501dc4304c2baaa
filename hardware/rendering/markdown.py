"""Tables and templates of the pages: data in, Markdown out.

Touches the templates in texts/, where $name stands for what is made.
"""

from collections.abc import Iterable
from pathlib import Path
from string import Template

TEXTS = Path(__file__).parent / "texts"


def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """Return a table; head: its columns' names, separated by |."""
    columns = [column.strip() for column in head.split("|")]
    lines = [_row(columns), "|" + "---|" * len(columns)]
    for row in rows:
        cells = [str(cell) for cell in row]
        if len(cells) != len(columns):
            raise ValueError(f"{len(cells)} cells under {len(columns)} columns: {cells}")
        lines.append(_row(cells))
    return "\n".join(lines)


def _row(cells):
    return f"| {' | '.join(cells)} |"


def filled(name: str, **parts: object) -> str:
    """Return a template with its parts filled in. Raises KeyError for one that is missing."""
    text = (TEXTS / f"{name}.md").read_text(encoding="utf-8")
    return Template(text).substitute(parts)
