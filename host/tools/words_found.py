"""Find every text of the source that a person may read and that the catalogues must hold.

Reads Python by its syntax tree and templates by jinja2's own extractor; writes nothing.

Taken are: the texts of `_`, `n_`, `counted`, `UserError` and `Refusal`; click's `help=` and
the docstrings of commands; and the constants of TABLES, which rooms below `words` keep.
"""

import ast
import importlib
import importlib.util
import inspect
import io
import re
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "notturno"
# The first argument is a text.
FIRST = {"_", "UserError", "Refused", "Untouched", "Damaged", "FirmwareStopped", "LinkLost"}
FIRST |= {"Refusal", "Phrase"}
THIRD = {"too_few_nights"}  # n, needed, what
LISTS = {"print_table"}  # the first argument is a list of texts
FINDINGS = {"Finding", "said"}  # what was looked at
PAIRS = {"n_", "counted"}  # one and many; the many of `counted` is one + s where it is not given
# Constants of a file, by name, that are said through a look-up elsewhere: all texts in them.
TABLES = {
    "charts/page.py": "SIMULATED",
    "checks/__init__.py": "SENTENCES FAULT_SENTENCES START_SENTENCES",
    "cli/bands.py": "NO_BANDS",
    "cli/bands_key.py": "WARNING NO_KEYS NOT_HERE ONCE_MORE",
    "cli/bands_set.py": "DETECTOR_HELP",
    "cli/diary.py": "EMPTY",
    "cli/edit.py": "NO_EDITS",
    "cli/nights.py": "HEADS",
    "cli/options.py": "DATA_DIR_HELP NOTHING_YET NONE_OF_THEM",
    "cli/people_words.py": "SIDES",
    "cli/speech.py": "CLICK_SAYS LANG_HELP",
    "cli/stats.py": "BY",
    "cli/tag.py": "NO_TAGS",
    "cli/words.py": "SIMULATED",
    "configfile.py": "GENERAL",
    "detect/at_rest.py": "MISTAKEN",
    "detect/recording_csv.py": "CSV_HELP",
    "detect/xtensa.py": "MISSING",
    "doctor/findings.py": "LIVE_WORDS OK LOOK WRONG",
    "doctor/machine.py": "OPTIONAL",
    "files/backup.py": "DAMAGED WHOLE COUNTS HASHES HASHES_AFTER NIGHTS",
    "flashing/image.py": "ADVICE",
    "flashing/parcel.py": "REFUSED",
    "flashing/ports.py": "NO_PERMISSION",
    "flashing/settings.py": "PROBLEMS",
    "keys/key_file.py": "AGAIN",
    "keys/text.py": "ASK",
    "link/ble.py": "ADVICE",
    "live.py": "PROVISIONAL REVISED FINAL BEGINS ENDS",
    "nights/counts.py": "BY_TIME WORDS",
    "nights/sleeps.py": "BY_EVENING AFTER_THE_LAST BY_DAY BY_START",
    "nights/state.py": "COMPLETE RUNNING PARTIAL",
    "onlyone.py": "AT_WORK",
    "scoring/manynights/change_points.py": "NOTE",
    "scoring/manynights/diary.py": "CAVEAT",
    "scoring/manynights/phases.py": "CAVEAT METHOD RATIO_OF DIFFERENCE_OF",
    "scoring/manynights/ppv.py": "NOTE",
    "scoring/manynights/profile.py": "NOTE",
    "scoring/manynights/trends.py": "METHOD RISING FALLING UNCLEAR",
    "scoring/onenight/report.py": "NOTE",
    "scoring/onenight/sleep.py": "LIMITS",
    "store/door.py": "NOT_OURS ADVICE WITHOUT_LOCKS",
    "store/faults.py": "FAULT_NAMES",
    "store/night_rows.py": "GAP_REASONS BETWEEN_SESSIONS",
    "store/queries.py": "END_NAMES",
    "store/snippets.py": "WHY_NAMES",
    "sync/finding.py": "NOBODY NO_KEYS",
    "virtualband/node.py": "ADVICE",
    "words/saying.py": "OF_THE_SYSTEM OF_A_BAND",
    "cli/setup.py": "STEPS",
    "cli/setup_steps.py": "CUES",
    "strap/session.py": "NOT_RECORDING ENDED SILENT",
    "cli/forget.py": "ELSEWHERE BAND_KEEPS",
}
# Tables of (key, text), of which the text is said.
SECOND_TABLES = {
    "cli/score_words.py": "LINES",
    "cli/stimuli.py": "KINDS",
    "cli/__init__.py": "COMMANDS",
}
# Tables {key: (one,) or (one, many)}.
PAIR_TABLES = {
    "cli/part_words.py": "PARTS",
    "cli/replay.py": "KINDS",
    "cli/show.py": "LEFT_OUT OTHERS",
}
# Texts that a table of the running program holds: of a module, an expression.
MADE = (
    "[column.words for column in notturno.nights.columns.COLUMNS]",
    "notturno.knowledge.strings()",
    "list(notturno.phone.words().values())",
    "list(notturno_core.wire.EVENT_NAMES.values()) + list(notturno_core.wire.FLAG_NAMES.values())",
    "list(notturno_core.plausible.FAULTS.values())",
)
SKIPPED = {"node_modules", "shims", "bench"}
PARAGRAPH = re.compile(r"\n\s*\n")
SAID = "_said"  # a value, or a variable, of this ending is said itself


def one_line(text: str) -> str:
    """Return a text as `notturno.cli.speech` looks it up: each paragraph one line."""
    paragraphs = PARAGRAPH.split(inspect.cleandoc(text).partition("\f")[0])
    return "\n\n".join(one if one[:1] == "\b" else " ".join(one.split()) for one in paragraphs)


def name_of(call: ast.Call) -> str:
    """Return the last name of what is called."""
    function = call.func
    return getattr(function, "id", getattr(function, "attr", ""))


def constants(node) -> list[str]:
    """Return the texts that an expression may be: a constant, or either of `a if c else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in constants(value)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        pairs = [(a, b) for a in constants(node.left) for b in constants(node.right)]
        return [a + b for a, b in pairs]
    return []


def _names_of(targets):
    inner = [getattr(target, "elts", [target]) for target in targets]
    return {getattr(one, "id", "") for some in inner for one in some}


def _in_table(node):
    """Return all texts in a table; of a dict those of its values."""
    if isinstance(node, ast.Dict):
        inner = node.values
    elif isinstance(node, ast.Call):
        inner = [*node.args, *(word.value for word in node.keywords)]
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        inner = node.elts
    elif isinstance(node, ast.Starred):
        inner = [node.value]
    else:
        return constants(node)
    return [text for child in inner if child is not None for text in _in_table(child)]


def _seconds(node):
    """Return the last text of each row of a table, be it a tuple or a dict of tuples."""
    rows = node.values if isinstance(node, ast.Dict) else node.elts
    return [row.elts[-1].value for row in rows]


def _added(node):
    """Return the texts of lists that are joined by + (or by a if c else b) as headings are."""
    if isinstance(node, ast.BinOp):
        return _added(node.left) + _added(node.right)
    if isinstance(node, ast.IfExp):
        return _added(node.body) + _added(node.orelse)
    return _in_table(node) if isinstance(node, ast.List) else []


def _is_command(node):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
        isinstance(one, ast.Call) and name_of(one) in ("command", "group")
        for one in node.decorator_list
    )


def in_python(text: str, name: str) -> list[tuple[str, str | None]]:
    """Return [(one, many or None)] of a file; name: its path below the package."""
    found = []
    tree = ast.parse(text)
    tables = {*TABLES.get(name, "").split(), *PAIR_TABLES.get(name, "").split()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += _in_call(node)
        elif isinstance(node, ast.FunctionDef) and node.name in THIRD:
            found += [(text, None) for text in constants(node.args.defaults[-1])]
        elif _is_command(node) and ast.get_docstring(node):
            found.append((one_line(ast.get_docstring(node)), None))
        elif isinstance(node, ast.Assign):
            names = _names_of(node.targets)
            pairs = bool(names & set(PAIR_TABLES.get(name, "").split()))
            if names & set(SECOND_TABLES.get(name, "").split()):
                found += [(one, None) for one in _seconds(node.value)]
            elif tables & names:
                nouns = [_in_table(value) for value in node.value.values] if pairs else []
                found += [(noun[0], noun[1] if noun[1:] else noun[0] + "s") for noun in nouns]
                found += [] if pairs else [(one, None) for one in _in_table(node.value)]
            elif any(one.endswith(SAID) for one in names):
                found += [(one, None) for one in constants(node.value)]
    return found


def _in_call(node):
    called, found = name_of(node), []
    if called in FIRST and node.args:
        found += [(text, None) for text in constants(node.args[0])]
    if called in THIRD and len(node.args) > 2:
        found += [(text, None) for text in constants(node.args[2])]
    if called in PAIRS:
        first = 0 if called == "n_" else 1
        ones = constants(node.args[first]) if len(node.args) > first else []
        given = len(node.args) > first + 1
        manys = constants(node.args[first + 1]) if given else [one + "s" for one in ones]
        found += list(zip(ones, manys, strict=False))
    if called in LISTS and node.args:
        found += [(text, None) for text in _in_table(node.args[0])]
        found += [(text, None) for text in _added(node.args[0])]
    if called in FINDINGS and len(node.args) > 1:
        found += [(text, None) for text in constants(node.args[0])]
    for word in node.keywords:
        if (word.arg or "").endswith(SAID):
            found += [(text, None) for text in constants(word.value)]
        if word.arg == "help" and called in ("option", "argument", "command", "version_option"):
            found += [(one_line(text), None) for text in constants(word.value)]
    return found


def in_template(text: str) -> list[tuple[str, str | None]]:
    """Return [(one, many or None)] of a jinja2 template."""
    if importlib.util.find_spec("jinja2") is None:
        return []
    from jinja2.ext import babel_extract

    keywords = {"_", "n_", "gettext", "ngettext"}
    options = {"silent": "false"}
    found = []
    for _line, _name, texts, _comments in babel_extract(
        io.BytesIO(text.encode()), keywords, (), options
    ):
        texts = (texts,) if isinstance(texts, str) else texts or ()
        texts = [one for one in texts if isinstance(one, str)]
        if texts:
            found.append((texts[0], texts[1] if len(texts) > 1 else None))
    return found


def made() -> list[str]:
    """Return the texts that only the running program can list (MADE)."""
    for folder in (SOURCE.parent, SOURCE.parents[2] / "firmware" / "lib"):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    found = []
    for expression in MADE:
        names = {}
        for module in re.findall(r"(notturno[\w.]*?)\.[A-Za-z_]+(?:\(|\.values|\])", expression):
            importlib.import_module(module)
            names[module.partition(".")[0]] = sys.modules[module.partition(".")[0]]
        found += eval(expression, names)
    return found


def texts(source: Path = SOURCE) -> dict[str, tuple[str | None, list[str]]]:
    """Return {English: (its plural or None, the files that say it)}, in the order of the files."""
    found: dict = {}
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if SKIPPED & set(path.relative_to(source).parts) or not path.is_file():
            continue
        if path.suffix == ".py":
            pairs = in_python(path.read_text(encoding="utf-8"), name)
        elif path.suffix == ".html" and "templates" in path.parts:
            pairs = in_template(path.read_text(encoding="utf-8"))
        else:
            continue
        for one, many in pairs:
            if not re.search(r"[A-Za-z]", re.sub(r"\{[^}]*\}", "", one)):
                continue
            plural, files = found.get(one, (None, []))
            files = files if name in files else [*files, name]
            found[one] = (plural or many, files)
    for one in made():
        plural, files = found.get(one, (None, []))
        found[one] = (plural, files or ["(made)"])
    return found
