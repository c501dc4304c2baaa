"""What every test may count on: the firmware's flash is importable, searches are repeatable."""

import gc
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import whole
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
FIRMWARE = ROOT / "firmware"
for folder in (FIRMWARE,):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
os.environ["NOTTURNO_LANG"] = "en"  # whoever runs the tests, in whatever language

# What a test makes is little beside what it asks: a search at 20 000 new objects, not at 700.
SEARCH_SELDOM = (20_000, 20, 10)
gc.disable()  # all that is loaded with the tests stays: see pytest_runtestloop

# Searches look at the same inputs every run, so that no run is red by luck; what another search
# finds becomes an @example. `make search` looks elsewhere, at new inputs each time.
EXAMPLES = whole.whole_or(100, 40)
settings.register_profile("same", derandomize=True, deadline=None, max_examples=EXAMPLES)
settings.register_profile("search", derandomize=False, print_blob=True, deadline=None)
settings.load_profile("same")

# What a developer has set for good is none of the tests' business; subprocesses inherit it.
os.environ["NOTTURNO_CONFIG"] = os.path.join(os.sep, "nonexistent", "notturno.toml")

# The workers have the processors already: threads of a product of matrices wait for each other.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# A script that runs the tests in the background has them ignore Ctrl-C, and with them each program
# that they start and end by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import in_memory  # noqa: E402

in_memory.begin()

pytest_plugins = [
    "compiled_firmware",  # the bands' programs, compiled once
    "missing_emulator",  # speaks in the last lines where an emulator was not there
    "reports_at_once",
]


@pytest.fixture(autouse=True)
def one_now():
    """Hold the store's clock still within a test: `one_now.utc_ms`, which a test may move.

    Two commands of one test may fall on both sides of a second, and a night's age is told to the
    second. By hand: another fixture would be set up for each test there is.
    """
    from notturno.store import bands

    real = bands.now_utc_ms
    now = SimpleNamespace(utc_ms=real())
    bands.now_utc_ms = lambda: now.utc_ms
    yield now
    bands.now_utc_ms = real


def pytest_unconfigure():
    gc.unfreeze()  # or a library says on its way out that its own was left behind
    in_memory.end()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop():
    """Leave what is loaded by now out of every later search for garbage.

    The firmware searches every few minutes of its time, in a heap of 60 kB; here it would look
    through all tests and libraries each time, half of what a simulated night costs.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SEARCH_SELDOM)


def pytest_collection_modifyitems(items):
    """Leave to the whole run what `whole` names, and begin with what takes longest.

    In an order that does not tell in which one the files were found: the workers' is to be one.
    """
    names, ranks = {}, {}
    for path in {item.path for item in items}:
        names[path] = path.relative_to(ROOT / "tests").as_posix()
        ranks[path] = whole.rank(names[path])
    for item in items:
        reason = whole.reason_to_skip(f"{names[item.path]}::{item.name}")
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=lambda item: (ranks[item.path], item.path))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Let each worker begin a room with another of its files.

    Every worker reads every file. To put words to its asserts costs more than to read it, and is
    kept for the others: so each does its share of a room before it comes to theirs.
    """
    report = yield
    number, of = (os.environ.get(f"PYTEST_XDIST_WORKER{end}", "") for end in ("", "_COUNT"))
    if of and isinstance(collector, pytest.Dir):
        first = len(report.result) * int(number.removeprefix("gw")) // int(of)
        report.result = report.result[first:] + report.result[:first]
    return report
