"""Every public function says what it does, and in what units: held against the source."""

import ast
import re

from trees import HOST, firmware_files, functions_of, host_files, tree_of

# What Python or a library calls, and whoever reads it knows: `__len__`, a visitor of ast.
KNOWN = re.compile(r"__\w+__|visit_\w+|const")
# Heirs of a library's classes: what they override is said there (click, bleak, Bumble).
OF_LIBRARIES = {"LazyGroup", "Formatter", "Group", "Client", "Ether", "AirController"} | {
    "OutsideController"
}
UNITS = r"ms|us|s|h|min|mg|mv|hz|mhz|c|pct|deg|bytes|ua|mah|lsb|uv|ug|ppm"
BARE = re.compile(r"duration|interval|timeout|latency|voltage|temperature|frequency|delay")


def documented_methods(trees):
    """Return the names of the methods that some class documents: who overrides says no more."""
    return {
        function.node.name
        for tree in trees
        for function in functions_of(tree)
        if function.owner and ast.get_docstring(function.node)
    }


def protocols(tree):
    """Return the names of the Protocols, said as a whole, and of the classes that have a base."""
    bases = {
        node.name: {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    return {name for name, of in bases.items() if "Protocol" in of}, {
        name for name, of in bases.items() if of
    }


def undocumented(paths):
    """Return the public functions without a docstring, as "file function"."""
    trees = {path: tree_of(path) for path in paths}
    said = documented_methods(trees.values())
    found = []
    for path, tree in trees.items():
        shapes, heirs = protocols(tree)
        for function in functions_of(tree):
            name = function.node.name
            if not function.public or ast.get_docstring(function.node) or KNOWN.fullmatch(name):
                continue
            if function.owner in OF_LIBRARIES | shapes or (
                function.owner in heirs and name in said
            ):
                continue
            if any(getattr(each, "attr", "") == "setter" for each in function.node.decorator_list):
                continue  # its getter says it
            found.append(f"{path.name} {function.name}")
    return found


def without_unit(paths):
    """Return the arguments that are numbers of something and do not say in what unit."""
    found = []
    for path in paths:
        for function in functions_of(tree_of(path)):
            if function.owner in OF_LIBRARIES:
                continue
            given = function.node.args
            for each in given.posonlyargs + given.args + given.kwonlyargs:
                of_numbers = each.annotation is not None and re.match(
                    r"(int|float)\b", ast.unparse(each.annotation)
                )
                if of_numbers and BARE.search(each.arg) and not has_unit(each.arg):
                    found.append(f"{path.name} {function.name}({each.arg})")
    return found


def has_unit(name):
    """Say whether a name ends in a unit, or is of a number without one."""
    return re.search(rf"_({UNITS})(_q\d+|_per_\w+)?$|_samples$|_count$|_code$", name) is not None


def test_every_public_function_is_documented():
    assert undocumented(host_files(HOST) + firmware_files()) == []


def test_the_first_line_of_a_docstring_is_a_whole_sentence():
    """Editors and tables show that line alone. Commands are left out: click takes a paragraph."""
    assert broken_off(host_files(HOST) + firmware_files()) == []


def broken_off(paths):
    """Return the functions whose docstring's first line goes on in the next one."""
    return [
        f"{path.name} {function.name}"
        for path in paths
        for function in functions_of(tree_of(path))
        if function.node.name != "command"
        and (said := ast.get_docstring(function.node))
        and said.splitlines()[0][-1] not in ".:;?)"
    ]


def test_a_length_of_time_says_its_unit():
    assert without_unit(host_files(HOST)) == []


def test_what_says_nothing_is_found(tmp_path):
    (tmp_path / "one.py").write_text(
        'def silent(timeout: float):\n    pass\n\n\ndef told(timeout_s: float):\n    """Wait."""\n'
    )
    files = [tmp_path / "one.py"]
    assert undocumented(files) == ["one.py silent"]
    assert without_unit(files) == ["one.py silent(timeout)"]
    (tmp_path / "one.py").write_text('def told():\n    """Wait for\n    all."""\n')
    assert broken_off(files) == ["one.py told"]
