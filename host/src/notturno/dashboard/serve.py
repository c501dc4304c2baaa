"""Runs the dashboard on the loopback. Touches a socket of this machine, and the browser."""

import gc
import ipaddress
import socket
import threading
import webbrowser
from pathlib import Path

import uvicorn

from notturno.dashboard.app import make_app
from notturno.dashboard.guard import Guard
from notturno.dashboard.syncing import Runner
from notturno.errors import UserError

HOST = "127.0.0.1"
HEAD_BYTES = 16_384  # of a request's line and headers


def check_host(host: str) -> str:
    """Return a loopback address; raises UserError for any other: nights leave no machine."""
    name = HOST if host == "localhost" else host
    try:
        if ipaddress.ip_address(name).is_loopback:
            return name
    except ValueError:
        pass
    raise UserError(
        "The dashboard answers on this machine alone, not on {host}; leave --host out, or give "
        "127.0.0.1.",
        host=host,
    )


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one. Raises UserError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            "The port {port} of {host} cannot be had ({why}); choose another with --port, or "
            "leave it out.",
            port=port,
            host=host,
            why=error.strerror,
        ) from error


def serve(
    base: Path,
    lang: str,
    *,
    host: str = HOST,
    port: int,
    virtual: str | None = None,
    path: str = "/",
    browser: bool = True,
    say=print,
) -> None:
    """Serve the data folder `base` until Ctrl-C; say: told the address."""
    host = check_host(host)
    with listening(host, port) as listener:
        port = listener.getsockname()[1]
        runner = Runner(virtual)
        guard = Guard(make_app(base, lang, runner), port)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{port}{path}?token={guard.token}"
        say(address)
        if browser:
            threading.Timer(0.3, webbrowser.open, (address,)).start()
        gc.freeze()  # what is loaded by now stays: no page pays for looking through it
        server = uvicorn.Server(config(guard))
        try:
            server.run(sockets=[listener])
        finally:
            runner.stop()


def config(guard: Guard) -> uvicorn.Config:
    """Return how uvicorn runs: without a log, which would hold the token; without a name."""
    return uvicorn.Config(
        guard,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        http="h11",
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=20,
        limit_concurrency=64,
        timeout_graceful_shutdown=2,
    )
