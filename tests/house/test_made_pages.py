"""Pages that the code knows best say what the code says; what pages name is there."""

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from notturno import __version__
from notturno.cli import cli

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "host" / "tools"
sys.path.append(str(TOOLS))
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / ".github").rglob("*.md")),
    *sorted((ROOT / "host").glob("*.md")),
    *sorted((ROOT / "host" / "src" / "notturno").glob("*/**/[A-Z]*.md")),
    ROOT / "firmware" / "PROTOCOL.md",
]
PAGES = [page for page in PAGES if "node_modules" not in page.parts]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
SHOWN = re.compile(r'<img src="([^"]+)"')
TYPED = re.compile(r"`(?:\.venv/bin/)?(notturno [^`]+)`")
LINE = re.compile(r"^(?:\.venv/bin/)?(notturno [^#]+)", re.MULTILINE)
BLOCK = re.compile(r"```\n(.*?)```", re.DOTALL)
TARGET = re.compile(r"^([a-z-]+):.*?(?:## (.+))?$", re.MULTILINE)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE = loaded("make_docs").pages()


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_a_made_page_says_what_the_code_says(path):
    assert path.read_text(encoding="utf-8") == MADE[path], "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in LINK.findall(text) + SHOWN.findall(text) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_every_page_for_people_is_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = LINK.findall(page.read_text(encoding="utf-8"))
        waiting += [(page.parent / link).resolve() for link in links if "://" not in link]
    forms = {page for page in PAGES if "TEMPLATE" in page.as_posix()}
    assert {page.relative_to(ROOT).as_posix() for page in set(PAGES) - forms - seen} == set()


def typed_in(text):
    """Return every command line of notturno in a page, one a line."""
    found = TYPED.findall(text)
    for block in BLOCK.findall(text):
        found += LINE.findall(block)
    return [" ".join(line.split()) for line in found]


TYPED_LINES = sorted({line for page in PAGES for line in typed_in(page.read_text("utf-8"))})


@pytest.mark.parametrize("line", TYPED_LINES)
def test_a_command_in_a_page_is_one_and_has_its_options(line):
    words = shlex.split(line)[1:]
    command, context, options = cli, click.Context(cli), {"-h", "--help"}
    for word in words:
        options |= {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        if word.startswith("-"):
            assert word.partition("=")[0] in options, f"{line}: {word}"
        elif isinstance(command, click.Group):
            inner = command.get_command(context, word)
            placeholder = word.isupper() or word == "..."
            assert inner or placeholder or not command.no_args_is_help, f"{line}: {word}"
            command = inner or command


def test_the_readme_names_commands_at_all():
    assert "notturno sync" in TYPED_LINES and len(TYPED_LINES) > 30


def test_every_command_has_a_place_in_the_reference():
    page = (ROOT / "host" / "COMMANDS.md").read_text(encoding="utf-8")
    for name, command in loaded("command_pages").commands():
        section = page.partition(f"# {name}\n")[2].partition("\n#")[0]
        assert section, name
        for one in command.params:
            own = isinstance(one, click.Option) and not one.hidden
            if own and not set(one.opts) & {"--data-dir", "--person", "--demo", "--lang"}:
                assert f"`{max(one.opts, key=len)}" in section, (name, one.opts)


def test_what_the_environment_may_set_is_read_where_the_list_says():
    source = ROOT / "host" / "src" / "notturno"
    listed = {name: place for name, _, place in loaded("command_pages").ENVIRONMENT}
    for name, place in listed.items():
        files = [source / place] if place.endswith(".py") else (source / place).glob("*.py")
        assert any(f'"{name}"' in file.read_text(encoding="utf-8") for file in files), name
    texts = [path.read_text("utf-8") for path in source.rglob("*.py") if "vm" not in path.parts]
    assert {name for text in texts for name in re.findall(r'"(NOTTURNO_\w+)"', text)} == set(
        listed
    )


def test_the_reasons_beside_a_bands_settings_are_their_own():
    rows = {name: why for name, _, why in loaded("command_pages").band_settings()}
    assert rows["RANGE_G"] == "leg kicks clip at 2 g; 8 g doubles the noise of a count"
    assert rows["WATERMARK"].startswith("Samples between drains")
    assert "104 Hz" in rows["ODR_HZ"]


def test_every_version_is_held_by_a_test_that_is_there():
    for one in loaded("version_page").all_written():
        assert (ROOT / "tests" / one.held_by).exists(), one.held_by


def test_one_number_of_the_program_stands_everywhere():
    project = tomllib.loads((ROOT / "host" / "pyproject.toml").read_text("utf-8"))["project"]
    config = (ROOT / "firmware" / "config.py").read_text(encoding="utf-8")
    changes = (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["version"] == __version__
    assert f'FIRMWARE_VERSION = "{__version__}"' in config
    assert f"\n## {__version__}" in changes and "\n## Unreleased" in changes


def test_a_build_machine_tries_the_oldest_and_the_newest_python_that_we_name():
    project = tomllib.loads((ROOT / "host" / "pyproject.toml").read_text("utf-8"))["project"]
    said = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    assert project["requires-python"] == f">={said[0]}"
    workflow = WORKFLOW.read_text(encoding="utf-8")
    matrices = re.findall(r"python: \[(.+)\]", workflow)
    assert len(matrices) == 2, "the tests, and the package"
    for matrix in matrices:
        assert re.findall(r"3\.\d+", matrix) == [said[0], said[-1]]
    alone = re.findall(r'python-version: "(.+)"', workflow)
    assert set(alone) <= set(said) and len(alone) == workflow.count("uses: actions/setup-p") - 2


def test_a_build_machine_takes_the_work_of_others_by_commit_and_says_its_version():
    used = re.findall(r"uses: (\S+)(?:  # (v\S+))?$", WORKFLOW.read_text("utf-8"), re.MULTILINE)
    assert len(used) == 6
    for action, version in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r"v\d+\.\d+\.\d+", version), f"{action}: of which version"


def test_no_configuration_names_an_address():
    for path in (WORKFLOW, ROOT / ".pre-commit-config.yaml", ROOT / ".editorconfig"):
        assert "://" not in path.read_text(encoding="utf-8"), path


def targets():
    """Return {target: its text} of the Makefile, files left out."""
    return {name: text for name, text in TARGET.findall(MAKEFILE) if name != "default"}


def test_help_lists_every_target():
    told = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = {line.split()[0]: line.split(maxsplit=1)[1] for line in told.stdout.splitlines()}
    assert listed == targets() and all(targets().values())
    phony = re.search(r"\.PHONY: (.+?)\n\n", MAKEFILE, re.DOTALL)[1].replace("\\", " ").split()
    assert set(phony) == set(listed)


def test_every_target_that_a_page_names_is_one():
    texts = [page.read_text("utf-8") for page in PAGES] + [WORKFLOW.read_text("utf-8")]
    texts.append((ROOT / ".ci" / "run").read_text("utf-8"))
    named = {name for text in texts for name in re.findall(r"(?:`|^|run: )make ([a-z-]+)", text)}
    assert named - set(targets()) == set() and "test" in named
