"""What `make release` finds: three numbers, a changelog, a tag, a clean checkout."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "host" / "tools" / "release.py"
NOTES = "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n- One.\n"


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("release", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path):
    for name, text in {
        "host/pyproject.toml": '[project]\nversion = "0.2.0"\n',
        "host/src/notturno/__init__.py": '__version__ = "0.2.0"\n',
        "firmware/config.py": 'FIRMWARE_VERSION = "0.2.0"\n',
        ".github/CHANGELOG.md": NOTES,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_nothing_is_in_the_way_of_a_version_that_all_say(tool, tree):
    assert tool.version_of(tree) == "0.2.0"
    assert tool.in_the_way(tree, "0.2.0", [], ["v0.1.0"]) == []
    assert tool.commands("0.2.0")[1] == 'git tag -a v0.2.0 -m "notturno 0.2.0"'


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("firmware/config.py", "0.2.0", "0.1.0", "firmware/config.py says 0.1.0"),
        ("host/src/notturno/__init__.py", "0.2.0", "0.3.0", "__init__.py says 0.3.0"),
        ("firmware/config.py", "FIRMWARE_VERSION", "V", "says no version"),
        (".github/CHANGELOG.md", " (2026-12-01)", "", "no heading  ## 0.2.0"),
        (".github/CHANGELOG.md", "Unreleased\n", "Unreleased\n- Two.\n", "Unreleased lines"),
    ],
)
def test_each_thing_that_is_not_ready_is_one_sentence(tool, tree, name, old, new, words):
    text = (tree / name).read_text(encoding="utf-8")
    (tree / name).write_text(text.replace(old, new), encoding="utf-8")
    (found,) = tool.in_the_way(tree, "0.2.0", [], [])
    assert words in found


def test_a_tag_that_is_there_and_what_is_in_no_commit_are_told(tool, tree):
    tag, changed = tool.in_the_way(tree, "0.2.0", ["README.md"], ["v0.2.0"])
    assert "raise the version" in tag and "README.md" in changed


def test_the_numbers_of_this_checkout_are_one(tool):
    found = tool.in_the_way(tool.ROOT, tool.version_of(tool.ROOT), [], [])
    assert not [each for each in found if " says " in each]
