"""Who answers the queries: DuckDB in this process, or in the processes of a Dask cluster.

Both ask the same SQL of shares of the people and put the answers together in the order of the
people, so that the result is the same, byte for byte. Touches the Parquet named; a cluster's
processes must see it under the same paths. Raises UserError.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from notturno.cohort import queries
from notturno.cohort.people import LAB, NIGHTS
from notturno.cohort.queries import Share
from notturno.errors import UserError

DUCKDB, DASK = "duckdb", "dask"
SHARES_A_PROCESS = 4  # so that one that is done early finds more to do
LOOK_S = 5.0  # so often it is looked whether anybody is left to answer
ORDERED_BY = {  # the keys by which answers are put together
    "people": ("person",),
    "nights": ("person", "night", "device_id"),
    "counts": ("person", "night"),
    "hours": ("person", "kind", "hour"),
    "tags": ("person", "name", "first_night"),
}


def opened(threads: int | None = None) -> Any:
    """Return a new DuckDB connection that draws no bar.

    It would draw one of a query of some seconds on standard output, into the JSON that stands
    there.
    """
    import duckdb

    db = duckdb.connect(config={} if threads is None else {"threads": threads})
    db.execute("set enable_progress_bar_print = false")
    return db


def answer(
    share: Share,
    query: str,
    kept: Any = None,
    threads: int | None = None,
    whys: tuple[str, ...] = (),
) -> Any:
    """Return a pyarrow.Table: what one share says to a query of `queries`, by its name.

    kept: a table of person, night and device_id, for `hours`. Runs in whichever process it is
    sent to. Raises UserError for a file that cannot be read.
    """
    import duckdb
    import pyarrow

    names = pyarrow.table({"filename": list(share.names), "name": list(share.names.values())})
    params: dict = {"files": list(share.names)}
    if share.kind == LAB:
        params["before"] = next(iter(share.names.values()))
    if share.between is not None:
        params |= {"first": share.between[0], "last": share.between[1]}
    try:
        with opened(threads) as db:
            db.execute("set preserve_insertion_order = false")
            db.register("names", names)
            if kept is not None:
                db.register("kept", kept)
            more = ()
            if query == NIGHTS:
                more = (_columns(db, params), tuple(whys))
            text = getattr(queries, query)(share, *more)
            named = {key: value for key, value in params.items() if f"${key}" in text}
            return db.sql(text, params=named).to_arrow_table()
    except duckdb.Error as error:
        raise UserError(
            "A table of {table} cannot be read ({why}); export it again.",
            table=share.table,
            why=str(error).splitlines()[0],
        ) from None


def _columns(db: Any, params: dict) -> set[str]:
    given = {"files": params["files"]}
    return set(db.sql(f"select * from {queries.FILES} limit 0", params=given).columns)


class Here:
    """DuckDB in this process, with all its cores (or `threads`)."""

    name = DUCKDB

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads

    def shares(self, share: Share) -> list[Share]:
        """Return the shares that are asked on their own: here, one."""
        return [share]

    def ask(
        self, shares: list[Share], query: str, kept: Any = None, whys: tuple[str, ...] = ()
    ) -> None:
        """Return the answers of all shares as one pyarrow.Table; None for no share."""
        found = [answer(share, query, kept, self.threads, whys) for share in shares]
        return _together(found, query)


class Many:
    """The same in the processes of a Dask cluster; each asks its shares with one thread."""

    name = DASK

    def __init__(self, client: Any) -> None:
        self.client = client
        self.processes = _workers(client)

    def shares(self, share: Share) -> list[Share]:
        """Return a share cut into several, each of whole people."""
        wanted = max(1, self.processes * SHARES_A_PROCESS)
        if share.kind == LAB:
            return self._of_table(share, wanted)
        paths = sorted(share.names, key=lambda path: (share.names[path], path))
        return [
            share._replace(names={path: share.names[path] for path in part})
            for part in _parts(paths, wanted)
        ]

    def _of_table(self, share: queries.Share, wanted: int) -> list[queries.Share]:
        asked = self.client.submit(answer, share, "people", None, 1, pure=False)
        known = _result(asked, self.client).column("person").to_pylist()
        return [share._replace(between=(part[0], part[-1])) for part in _parts(known, wanted)]

    def ask(
        self, shares: list[Share], query: str, kept: Any = None, whys: tuple[str, ...] = ()
    ) -> None:
        """Return the answers of all shares as one pyarrow.Table; None for no share."""
        sent = [
            self.client.submit(answer, share, query, _of(kept, share), 1, whys, pure=False)
            for share in shares
        ]
        return _together([_result(one, self.client) for one in sent], query)


def _workers(client: Any) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])


def _result(future: Any, client: Any) -> Any:
    """Return what a process answered; its UserError is raised here as it was there."""
    from distributed import CancelledError, KilledWorker, wait
    from distributed.comm.core import CommClosedError

    try:
        while not future.done():  # with nobody left the scheduler would wait for ever
            try:
                wait(future, timeout=LOOK_S)
            except TimeoutError:
                if not _workers(client):
                    raise UserError(
                        "All processes of the cluster ended before they had answered; start "
                        "others with  dask worker"
                    ) from None
        return future.result()
    except (KilledWorker, CancelledError, CommClosedError, TimeoutError) as error:
        raise UserError(
            "A process of the cluster ended before it had answered ({why}); give it more memory "
            "or use more processes.",
            why=type(error).__name__,
        ) from None


def _of(kept: Any, share: queries.Share) -> Any:
    """Return the rows of `kept` that are of a share's people, lest every process gets all."""
    if kept is None:
        return None
    import pyarrow
    from pyarrow import compute as _compute

    compute: Any = _compute  # its functions are made as it is loaded
    people = pyarrow.array(sorted(set(share.names.values())), kept.schema.field("person").type)
    return kept.filter(compute.is_in(kept["person"], people))


def _parts(items: list[str], number: int) -> list[list[str]]:
    """Return the items in at most so many runs of like length."""
    number = min(number, len(items))
    ends = [round(i * len(items) / number) for i in range(number + 1)] if number else []
    return [items[a:b] for a, b in zip(ends, ends[1:], strict=False)]


def _together(found: list, query: str) -> Any:
    import pyarrow

    if not found:
        return None
    table = pyarrow.concat_tables(found, promote_options="permissive").combine_chunks()
    if len(found) == 1:
        return table
    keys = [(key, "ascending") for key in ORDERED_BY[query] if key in table.column_names]
    return table.sort_by(keys)


@contextlib.contextmanager
def engine(name: str, workers: int | None = None, scheduler: str | None = None) -> Iterator:
    """Give the engine of a name: `Here`, or `Many` with a cluster.

    The cluster is of so many processes on this machine, or of the scheduler at an address. Raises
    UserError where Dask is not installed or the scheduler does not answer.
    """
    if name == DUCKDB:
        yield Here(workers)
        return
    try:
        from dask import config  # pyright: ignore[reportPrivateImportUsage]
        from distributed import Client, LocalCluster
    except ImportError:
        raise UserError(
            "Many processes need Dask; install it: pip install 'notturno[cluster]'."
        ) from None
    # Answers are tables of whole numbers and short texts; nothing is worth a second try for long.
    with config.set({"distributed.scheduler.allowed-failures": 1}):
        if scheduler is not None:
            with _client(Client, scheduler) as client:
                many = Many(client)
                if not many.processes:
                    raise UserError(
                        "The Dask scheduler at {address} has no workers; start some with  dask "
                        "worker {address}",
                        address=scheduler,
                    )
                yield many
            return
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",  # None would mean port 8787
                scheduler_kwargs={"dashboard": False},
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield Many(client)


def _client(client_class: Any, scheduler: str) -> Any:
    try:
        return client_class(scheduler, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise UserError(
            "No Dask scheduler answers at {address} ({why}); start one with  dask scheduler",
            address=scheduler,
            why=str(error).splitlines()[0] if str(error) else type(error).__name__,
        ) from None
