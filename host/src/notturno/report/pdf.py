"""Sets a report as a PDF for the archive (PDF/A-3a, PDF/UA-1), and encrypts one.

Touches typst, and pikepdf for a password; both are imported inside. Writes no file.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from notturno.errors import UserError
from notturno.report.contents import as_text, sha256
from notturno.report.page import page

TEMPLATE = Path(__file__).with_name("page.typ")
STANDARDS = ["a-3a", "ua-1"]
PAPERS = {"a4": "a4", "letter": "us-letter"}
# How high the two pictures of page 1 are; how much the lists of page 2 hold and how large its text
# is. From the usual down to what always fits.
HEIGHTS = ("56mm", "52mm", "48mm", "44mm", "40mm", "36mm", "32mm", "28mm", "24mm", "20mm")
ROOMS = ((1.0, 1.0), (0.8, 1.0), (0.6, 1.0), (0.6, 0.94), (0.4, 0.94), (0.2, 0.94), (0.2, 0.86))


def needs_typst() -> None:
    """Raise a UserError where the typesetter is not installed."""
    if find_spec("typst") is None:
        raise UserError("The report needs typst; install it: pip install 'notturno[report]'.")


def set_pages(found: dict, paper: str = "a4") -> Any:
    """Return the PDF of a report's contents (JSON form), always two pages, in the language spoken.

    paper: of PAPERS. Raises UserError where typst is missing.
    """
    needs_typst()
    import typst

    fonts = typst.Fonts(include_system_fonts=False)
    compiler = typst.Compiler(TEMPLATE, font_paths=fonts)
    digest = sha256(found)
    inputs = {"contents": as_text(found), "paper": PAPERS[paper]}
    heights, rooms = list(HEIGHTS), list(ROOMS)
    while True:
        inputs["height"] = heights[0]
        room, scale = rooms[0]
        inputs |= {"page": json.dumps(page(found, digest, room)), "scale": str(scale)}
        standards: Any = STANDARDS
        made = compiler.compile(format="pdf", pdf_standards=standards, sys_inputs=inputs)
        second, last = (_page_of(compiler, label) for label in ("<second>", "<last>"))
        if (second, last) == (2, 2):
            return made
        if second > 2:
            del heights[0]
        if last > second:
            del rooms[0]


def _page_of(compiler, label: str) -> int:
    return json.loads(compiler.query(label, field="value", one=True))


def encrypted(made: bytes, password: str) -> bytes:
    """Return a PDF that opens with a password alone (AES-256).

    It is no PDF/A any more, which forbids encryption. Raises UserError where pikepdf is missing.
    """
    if find_spec("pikepdf") is None:
        raise UserError("A password needs pikepdf; install it: pip install 'notturno[report]'.")
    from io import BytesIO

    import pikepdf

    out = BytesIO()
    with pikepdf.open(BytesIO(made)) as pdf:
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            for key in ("pdfaid:part", "pdfaid:conformance"):
                if key in metadata:
                    del metadata[key]
        pdf.save(
            out, encryption=pikepdf.Encryption(owner=password, user=password, R=6, metadata=True)
        )
    return out.getvalue()
