"""Purpose decides what a thing is: nothing that people read may claim more."""

import ast
from pathlib import Path

import notturno
import pytest
from notturno.cli.words import FOOTER
from notturno.knowledge import (
    EXPOSURES,
    NOT_FOR,
    PURPOSE,
    SECTIONS,
    SHORT,
    SOURCES,
    forbidden_in,
    offered,
    strings,
)

SOURCE = Path(notturno.__file__).parent
ROOT = SOURCE.parents[2]


@pytest.mark.parametrize(
    "claim",
    [
        "It diagnoses periodic limb movement disorder.",
        "Detects seizures at night.",
        "A medical-grade sensor.",
        "It prevents falls.",
        "Clinically validated figures.",
        "Diagnostica le mioclonie.",
        "It is not an alarm. It treats restless legs.",
    ],
)
def test_a_claim_is_found(claim):
    assert forbidden_in(claim)


@pytest.mark.parametrize("text", [SHORT, PURPOSE, *NOT_FOR, *strings()])
def test_the_purpose_itself_claims_nothing(text):
    assert forbidden_in(text) == []


def texts_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and _is_text(n.value)]


def _is_text(value):
    return isinstance(value, str) and " " in value


def test_no_text_of_the_program_claims_more():
    wrong = []
    for path in SOURCE.rglob("*.py"):
        if "node_modules" in path.parts or path.name == "purpose.py":
            continue
        for text in texts_of(path):
            wrong += [f"{path.name}: {one}" for one in forbidden_in(text)]
    assert wrong == []


def test_no_page_for_people_claims_more():
    pages = [ROOT / "README.md", *(ROOT / "hardware").rglob("*.md"), *SOURCE.rglob("*.html")]
    wrong = []
    for path in pages:
        if "node_modules" not in path.parts:
            wrong += [f"{path.name}: {x}" for x in forbidden_in(path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_the_purpose_stands_in_the_readme_in_its_own_words():
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for text in (PURPOSE, *NOT_FOR):
        assert text in readme
    assert FOOTER == SHORT


def test_every_row_has_a_source_and_its_own_code():
    codes = [one.code for one in EXPOSURES]
    assert len(set(codes)) == len(codes) > 20
    assert {one.source for one in EXPOSURES} <= set(SOURCES)
    stated = [statement for section in SECTIONS for statement in section.statements]
    assert {s.source for s in stated if s.source} <= set(SOURCES)
    used = {one.source for one in EXPOSURES} | {s.source for s in stated}
    assert set(SOURCES) <= used
    assert {"caffeine", "alcohol", "ssri"} <= {one.code for one in offered()}
    assert "epilepsy" not in {one.code for one in offered()}
