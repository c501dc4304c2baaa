"""The command line as a shell sees it: help, mistyped names, encodings, outputs, Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import COMMANDS, cli
from notturno.cli.ended import Ended
from notturno.keys import KeyRing
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
MAIN = "from notturno.cli import main; main()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("shell")
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 90, [(10.0 + i, {}) for i in range(40)])
    with Store.open(where) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        store.add_tag("薬", "2026-01-12")
    return where


def shell(*arguments, before="", env=(), **how):
    """Run the command line in a process of its own; standard error is always kept."""
    how.setdefault("stdout", subprocess.PIPE)
    code = [sys.executable, "-c", f"{before}\n{MAIN}", *map(str, arguments)]
    return subprocess.run(code, stderr=subprocess.PIPE, env=os.environ | dict(env), **how)


def one_sentence(done):
    """Return the one line that a command said when it failed."""
    (line,) = done.stderr.decode().strip().splitlines()  # the terminal shows ^C, so a new line
    assert line.startswith("notturno: ") and line.endswith(".")
    return line


def every_command(group=cli, path=()):
    """Yield the words that name each command and each group below `group`."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_both_spellings_of_help_work_everywhere(words):
    short, long = (CliRunner().invoke(cli, [*words, flag]) for flag in ("-h", "--help"))
    assert short.exit_code == long.exit_code == 0, short.output
    assert short.output == long.output and short.output.startswith("Usage: ")
    if words:  # `demo` calls commands without the group above them
        command = cli
        for word in words:
            command = command.get_command(click.Context(command), word)
        assert CliRunner().invoke(command, ["-h"]).exit_code == 0


def test_help_names_each_command_once():
    lines = CliRunner().invoke(cli, ["-h"]).output.partition("Commands:")[2].splitlines()
    assert [line.split()[0] for line in lines if line.strip()] == list(COMMANDS)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nigths", "Did you mean nights?"),
        ("chrat", "Did you mean chart or cohort?"),
        ("xyzzy", "See notturno --help."),
    ],
)
def test_a_mistyped_command_gets_a_suggestion(typed, said):
    done = CliRunner().invoke(cli, [typed])
    assert done.exit_code == 2 and f"No such command '{typed}'. {said}" in done.output


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_text_outside_the_terminals_encoding_is_escaped(folder, encoding):
    at = ("--data-dir", folder)
    env = {"PYTHONIOENCODING": encoding}
    for command in (["tag", "--list"], ["stats", "--by", "tag"]):
        done = shell(*command, *at, env=env)
        # click itself writes UTF-8 where a terminal claims to know ASCII alone.
        name = "\\u85ac" if encoding == "cp1252" else "薬"
        assert done.returncode == 0 and name in done.stdout.decode(), done.stderr
    for command in (["tag", "--list", "--json"], ["stats", "--by", "tag", "--json"]):
        done = shell(*command, *at, env=env)
        assert done.returncode == 0 and "薬" in str(json.loads(done.stdout)), done.stderr


C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_text_typed_under_a_locale_without_utf8_is_the_text(folder, tmp_path):
    done = shell("tag", "füße", "2026-01-12", "--data-dir", folder, env=C_LOCALE)
    assert done.returncode == 0 and "füße" in done.stdout.decode(), done.stderr
    done = shell("tag", "--list", "--json", "--data-dir", folder)
    assert "füße" in [tag["name"] for tag in json.loads(done.stdout)]
    events = tmp_path / "füße.csv"
    events.write_text("onset_s,duration_s,side\n1.0,1.0,L\n")
    assert shell("score", events, env=C_LOCALE).returncode == 0


def test_bytes_that_are_no_text_are_said_plainly(folder):
    code = [sys.executable, "-c", MAIN, "tag", b"f\xfc", "2026-01-12", "--data-dir", str(folder)]
    done = subprocess.run(code, stderr=subprocess.PIPE)
    assert done.returncode == 1 and "use UTF-8" in one_sentence(done)


@pytest.mark.parametrize("command", [["show"], ["show", "--json"], ["-h"]])
def test_a_reader_that_goes_early_ends_a_command_in_silence(folder, command):
    reader, writer = os.pipe()
    os.close(reader)
    done = shell(*command, stdout=writer, env={"NOTTURNO_DATA_DIR": str(folder)})
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("command", [["show"], ["nights", "--json"], ["-h"], ["score", "-h"]])
def test_an_output_that_takes_no_more_is_one_sentence(folder, command):
    with open("/dev/full", "wb") as full:
        done = shell(*command, stdout=full, env={"NOTTURNO_DATA_DIR": str(folder)})
    assert done.returncode == 1 and "cannot be written" in one_sentence(done)


@pytest.mark.parametrize("command", [["backup"], ["score"], ["score", "--json"]])
def test_a_name_that_the_system_refuses_is_one_sentence(folder, tmp_path, command):
    done = shell(*command, tmp_path / ("a" * 300), env={"NOTTURNO_DATA_DIR": str(folder)})
    assert done.returncode == 1 and "too long" in one_sentence(done)


@pytest.mark.parametrize(
    "command", [["nights", "--last"], ["report", "--last"], ["diary", "remove"]]
)
def test_a_number_that_no_row_has_is_no_traceback(folder, command):
    done = shell(*command, 10**20, env={"NOTTURNO_DATA_DIR": str(folder)})
    assert done.returncode == 2 and b"is not in the range" in done.stderr


@pytest.mark.parametrize("name", list(COMMANDS))
def test_ctrl_c_is_one_sentence_in_every_command(name):
    before = (
        "import notturno.cli, click, os, signal\n"
        "def interrupted(self, context):\n    os.kill(os.getpid(), signal.SIGINT)\n"
        "    __import__('threading').Event().wait(60)\n"
        "click.Command.invoke = interrupted"
    )
    arguments = {
        "replay": ["x.npz"],
        "score": ["x.csv"],
        "cohort": ["x"],
        "compare": ["a", "b"],
        "synth": ["--profile", "plm", "--out", "x.npz"],
        "bench": ["detector"],
    }
    done = shell(name, *arguments.get(name, []), before=before)
    assert done.returncode == 130 and "Ctrl-C" in one_sentence(done)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("words", [["--verify", "in"], ["out"]])
def test_a_signal_that_ends_a_command_leaves_no_copy_behind(folder, tmp_path, name, words):
    places = {"in": tmp_path / "in.nb", "out": tmp_path / "there" / "out.nb"}
    (tmp_path / "tmp").mkdir()
    (tmp_path / "there").mkdir()
    env = {"NOTTURNO_DATA_DIR": str(folder), "TMPDIR": str(tmp_path / "tmp")}
    assert shell("backup", places["in"], env=env).returncode == 0
    before = (
        "import os, signal, notturno.store\n"
        f"signal.signal(signal.{name}, signal.SIG_DFL)\n"  # nohup, say, leaves it ignored
        f"def ended(*_):\n    os.kill(os.getpid(), signal.{name})\n"
        "    __import__('threading').Event().wait(60)\n"
        "notturno.store.Store.hashes = ended"
    )
    done = shell("backup", *(places.get(word, word) for word in words), before=before, env=env)
    assert done.returncode == -getattr(signal, name)
    assert f"stopped from outside ({name})" in one_sentence(done)
    assert not list((tmp_path / "tmp").iterdir()) and not list((tmp_path / "there").iterdir())


def test_a_signal_that_is_ignored_stays_so():
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        Ended().listen()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_question_that_nobody_can_answer_says_so_and_deletes_nothing(tmp_path):
    kept = tmp_path / "notturno.sqlite3"
    kept.write_bytes(b"")
    asked = ("forget", "--everything", "--data-dir", tmp_path)
    done = shell(*asked, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "nobody answered" in one_sentence(done)
    done = shell(*asked, input=b"yes\n")
    assert done.returncode == 1 and one_sentence(done) == "notturno: Nothing was changed."
    assert kept.exists()


def test_ctrl_c_ends_the_workers_of_the_bench_in_silence():
    code = (
        "import os, signal, time\n"
        "import notturno.bench.run as run\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(1, initializer=run._end_at_ctrl_c) as pool:\n"
        "        pid = pool.submit(os.getpid).result()\n"
        "        waits = pool.submit(time.sleep, 60)\n"
        "        os.kill(pid, signal.SIGINT)\n"
        "        print(type(waits.exception()).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("BrokenProcessPool", "")


@pytest.mark.parametrize("command", [["show"], ["bands", "key", "show", DEVICE]])
@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_stream_that_is_closed_is_nobody_and_no_traceback(folder, tmp_path, closed, command):
    (tmp_path / "d").mkdir()
    shutil.copy(folder / "notturno.sqlite3", tmp_path / "d")
    KeyRing(tmp_path / "d").add(DEVICE, bytes(range(32)), "test")
    code = [sys.executable, "-c", MAIN, *command, "--data-dir", str(tmp_path / "d")]
    line = f'exec "$@" {closed}>&-' if closed else 'exec "$@" <&-'
    done = subprocess.run(["sh", "-c", line, "sh", *code], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (closed != 1)


@pytest.mark.parametrize("there", ["file", "link to itself", "database"])
def test_a_file_given_as_the_folder_is_not_read_as_one_that_holds_nothing(folder, tmp_path, there):
    given = folder / "notturno.sqlite3" if there == "database" else tmp_path / "x"
    if there == "file":
        given.write_text("")
    elif there == "link to itself":
        given.symlink_to(given)
    done = shell("nights", "--data-dir", given)
    assert done.returncode == 1 and f"{given} is no folder" in one_sentence(done)


@pytest.mark.parametrize("stream", ["None", "io.StringIO()"])
def test_a_program_may_run_the_commands_with_streams_of_its_own(folder, stream):
    before = f"import io, sys\nsys.stdout = sys.stderr = {stream}"
    done = shell("nights", "--data-dir", folder, before=before)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
