"""The one progress bar: on stderr, after one second, only where a person looks at it.

Touches stderr. Imports the standard library alone until a bar is to be drawn.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from notturno.words import _

WAIT_S = 1.0  # what is done sooner needs no bar


@contextmanager
def progress_bar(text: str, quiet: bool = False, wait_s: float = WAIT_S) -> Iterator[Callable]:
    """Give a callable(done, total=1.0, text=None) that moves one bar and may rename it.

    The bar pulses until the first call. Nothing is drawn in the first `wait_s` seconds, where
    `quiet` is true, or where stderr is no terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda *_done, **_more: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(text, total=None)

    def show(done: float, total: float = 1.0, text: str | None = None) -> None:
        bar.update(task, completed=done, total=total, description=text)

    lock = threading.Lock()
    over = False

    def start() -> None:
        with lock:  # not behind the end of the work: the bar would stay
            if not over:
                bar.start()

    timer = threading.Timer(wait_s, start)
    timer.daemon = True
    timer.start()
    try:
        yield show
    finally:
        timer.cancel()
        with lock:
            over = True
            bar.stop()


def over_nights(show: Callable, nights: int) -> Callable[[int, float], None]:
    """Return a callable(night, fraction) that moves the bar `show` over all nights of a band."""

    def progress(night: int, fraction: float) -> None:
        text = _("night {night} of {nights}").format(night=night + 1, nights=nights)
        if fraction >= 1 and night + 1 < nights:
            text = _("day after {text}").format(text=text)
        show(night + fraction, nights, text)

    return progress


def rebuilding() -> Callable[[int, int], None]:
    """Return a callable(done, of how many) for nights made again: its bar ends with the last."""
    held = ExitStack()
    shows = []

    def progress(done: int, total: int) -> None:
        if not shows:
            shows.append(held.enter_context(progress_bar(_("new rules: making the nights again"))))
        shows[0](done, total)
        if done == total:
            held.close()

    return progress
