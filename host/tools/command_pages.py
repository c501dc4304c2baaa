"""The command reference and the table of settings, as Markdown, made from the commands themselves.

Pure but for importing the commands. Run by `make docs`; a test holds the copies equal.
"""

import ast
import io
import tokenize
from pathlib import Path

import click

HOST = Path(__file__).resolve().parents[1]
CONFIG = HOST.parent / "firmware" / "config.py"
EVERYWHERE = ("--data-dir", "--person", "--demo", "--lang", "--json")  # said once, above
# What the environment may set; where each is read stands beside it, and a test looks there.
ENVIRONMENT = (
    ("NOTTURNO_DATA_DIR", "folder of your data; `--data-dir` stands above it", "paths.py"),
    ("NOTTURNO_CONFIG", "the file of settings, in another place", "configfile.py"),
    ("NOTTURNO_LANG", "language; `LC_ALL`, `LC_MESSAGES`, `LANG` hold after it", "words"),
    ("NOTTURNO_KEYRING", "1: new keys of bands go into the platform's keyring", "keys"),
    ("NOTTURNO_MQTT_PASSWORD", "password of the broker that `mqtt` speaks to", "cli/mqtt.py"),
)


def commands() -> list[tuple[str, click.Command]]:
    """Return [(name with its groups, command)] of every command there is, hidden ones left out."""
    from notturno.cli import COMMANDS, cli

    found, context = [], click.Context(cli)
    for name in COMMANDS:
        found += _with_inner(name, cli.get_command(context, name))
    return found


def _with_inner(name, command):
    found = [(name, command)]
    for inner, one in sorted(getattr(command, "commands", {}).items()):
        if not one.hidden:
            found += _with_inner(f"{name} {inner}", one)
    return found


def cell(text: str) -> str:
    """Return a text as it may stand in a table's cell."""
    return " ".join(str(text or "").split()).replace("|", "\\|")


def kind_of(option: click.Parameter) -> str:
    """Return what an option wants, as its help shows it; nothing for a flag."""
    if getattr(option, "is_flag", False) or getattr(option, "count", False):
        return ""
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    words = {"integer range": "N", "integer": "N", "float range": "X", "float": "X"}
    return words.get(option.type.name, option.type.name.upper())


def arguments_of(command: click.Command) -> str:
    """Return the arguments of a command as one types them."""
    words = []
    for one in command.params:
        if isinstance(one, click.Argument):
            word = one.metavar or one.name.upper() + ("..." if one.nargs == -1 else "")
            bare = one.required or word.startswith("[")
            words.append(word if bare else f"[{word}]")
    if isinstance(command, click.Group):
        words.append("[COMMAND]" if command.invoke_without_command else "COMMAND")
    return " ".join(words)


def options_of(command: click.Command) -> list[list[str]]:
    """Return rows [option, what it wants, what it does] of what a command alone takes."""
    rows = []
    for one in command.params:
        if not isinstance(one, click.Option) or one.hidden or set(one.opts) & set(EVERYWHERE):
            continue
        names = ", ".join(f"`{name}`" for name in sorted(one.opts, key=len))
        if one.secondary_opts:
            names += " / " + ", ".join(f"`{name}`" for name in one.secondary_opts)
        told = cell(one.help)
        if one.show_default and isinstance(one.default, (int, float, str)):
            told += f" [{one.default}]"
        rows.append([names, cell(kind_of(one)), told + (" [required]" if one.required else "")])
    return rows


def help_text(command: click.Command) -> str:
    """Return a command's help, a paragraph a line."""
    from notturno.cli.speech import one_line

    return one_line(command.help or "").replace("\b\n", "").strip()


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table of Markdown."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def reference() -> str:
    """Return the page of all commands."""
    parts = [
        "# The commands\n\nMade from the commands by `make docs`. Each has `-h`. Those that are "
        "about nights take `--data-dir DIR`,\n`--person NAME` and `--demo`, before the command or "
        "behind it; all take `--lang LANG`, and those\nthat print data `--json` (their schemas: "
        "[VERSIONS.md](VERSIONS.md)). What is given each time can\nbe set for good: "
        "[SETTINGS.md](SETTINGS.md).\n"
    ]
    for name, command in commands():
        typed = f"notturno {name} {arguments_of(command)}".rstrip()
        parts.append(f"#{'#' * min(2, len(name.split()))} {name}\n\n`{typed}`\n")
        parts.append(help_text(command) + "\n")
        if rows := options_of(command):
            parts.append(table(["option", "", "what it does"], rows))
        if any("--json" in one.opts for one in command.params):
            parts.append("Also `--json`.\n")
    return "\n".join(parts)


def band_settings() -> list[tuple[str, str, str]]:
    """Return [(name, default as written, why)] of the firmware's config.py, in its order.

    why: the comments directly above a name, or behind it.
    """
    text = CONFIG.read_text(encoding="utf-8")
    comments, alone = {}, {}  # by line; `alone`: those that have a line of their own
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("# ---"):
            own = token.line.lstrip().startswith("#")
            (alone if own else comments)[token.start[0]] = token.string.lstrip("# ")
    found = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign):
            continue
        line, above = node.lineno, []
        while line - 1 - len(above) in alone:
            above.insert(0, alone[line - 1 - len(above)])
        if line in comments:
            above.append(comments[line])
        found.append((node.targets[0].id, ast.unparse(node.value), " ".join(above)))
    return found


def allowed(name: str) -> str:
    """Return what a setting of the band may be; nothing where no cable changes it."""
    from notturno_core import limits

    if name in limits.RANGES:
        low, high = limits.RANGES[name]
        return f"{low} to {high}" + (", or none" if name in limits.OR_NONE else "")
    values = limits.CHOICES.get(name) or limits.WORDS.get(name)
    if values:
        return ", ".join(map(str, values))
    if name in limits.TEXTS:
        return f"a text of at most {limits.TEXTS[name]}, or none"
    return "see below" if name == limits.DETECTOR else ""


def settings() -> str:
    """Return the page of all settings: this computer's, the environment's, a band's."""
    from notturno import configfile
    from notturno.flashing.plain import detector_names
    from notturno_core import detector, limits

    most = detector_names()
    general = [[f"`{key}`", cell(text)] for key, text in configfile.GENERAL.items()]
    outside = [[f"`{name}`", cell(text)] for name, text, _ in ENVIRONMENT]
    on_band, fixed = [], []
    for name, default, why in band_settings():
        row = [f"`{name}`", f"`{cell(default)}`", cell(allowed(name)), cell(why)]
        (on_band if row[2] else fixed).append(row)
    of_detector = [
        [f"`detector.{name}`", f"`{value}`", f"1 to {limits.most(name, most)}", cell(told)]
        for name, value, told in detector.SETTINGS
    ]
    return "\n".join(
        [
            "# The settings\n\nMade from the code by `make docs`.\n",
            "## On this computer\n",
            "`notturno config set KEY VALUE` writes one into the file of settings, "
            "`notturno config` says where\nthat lies. What is typed stands above it, and so does "
            "the environment.\n",
            table(["key", ""], general),
            "And every option of every command, by its long name: `report.paper`, `sync.timeout`. "
            "They are in\n[COMMANDS.md](COMMANDS.md).\n",
            "## In the environment\n",
            table(["variable", ""], outside),
            "## On a band\n",
            "`notturno bands set NAME=VALUE` changes one, by cable (`--port`) or, on the charger, "
            "by radio\n(`--radio`); `--reset NAME` takes it back. A band whose file of settings "
            "is not right puts it aside\nand says so.\n",
            table(["name", "default", "may be", "why"], on_band),
            "Of the detector. Nights of different settings are not compared.\n",
            table(["name", "default", "may be", ""], of_detector),
            "Fixed, in `firmware/config.py`:\n",
            table(["name", "value", "why"], [[row[0], row[1], row[3]] for row in fixed]),
        ]
    )
