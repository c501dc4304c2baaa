"""Batches of work over several processes: each batch whole, in any order, none twice.

Touches processes. What a batch gives must lie on the disk when its work returns (`outfolder.put`),
so that a kill costs no more than the batches under way.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from notturno.errors import UserError

WAITING_A_JOB = 2  # batches handed out ahead of each process: enough to keep it busy


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def run(work: Callable, batches: list, jobs: int) -> Iterator[tuple[int, object]]:
    """Yield (index of the batch, what work(batch) returned) as batches are done.

    work: a function of a module, or a partial of one, with arguments that can be pickled; it
    runs here where jobs is 1. What it raises ends the run and is raised here: the first in the
    order of the batches among those that have ended. UserError where a process was ended from
    outside.
    """
    if jobs < 1:
        raise UserError("--jobs is {jobs}; give 1 or more.", jobs=jobs)
    if jobs == 1 or len(batches) < 2:
        for number, batch in enumerate(batches):
            yield number, work(batch)
        return
    import multiprocessing

    # Spawned and not forked: threads of Arrow do not live through a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(batches)), context, initializer=_end_with_parent)
    following = 0
    open_by_future: dict = {}
    try:
        while following < len(batches) or open_by_future:
            while following < len(batches) and len(open_by_future) < jobs * WAITING_A_JOB:
                open_by_future[pool.submit(work, batches[following])] = following
                following += 1
            ended, _ = wait(open_by_future, return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=lambda future: open_by_future[future]):
                yield open_by_future.pop(future), future.result()
    except BrokenProcessPool:
        raise UserError(
            "A process that was at work has been ended, as by a lack of memory; run the same "
            "command again with fewer --jobs: it goes on where it was."
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when the one that began it has ended, however it ended.

    Ctrl-C is for the parent, which ends its processes itself.
    """
    import multiprocessing
    import signal
    from multiprocessing.connection import wait as wait_for

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
