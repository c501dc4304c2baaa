"""The band's serial prompt: a TCP port on loopback and a pseudo-terminal, both the same line.

Touches one socket and one pty, each in a thread of its own. Speaks bytes.
"""

import os
import select
import socket
import threading
import tty
from collections.abc import Callable
from io import DEFAULT_BUFFER_SIZE

from notturno.errors import UserError

POLL_MS = 200


class SerialPort:
    """Whoever attaches last to the TCP port or the pty talks to the band; both hear it.

    received: called with bytes for the band. left: called when the last of them has gone.
    """

    def __init__(
        self, port: int, received: Callable[[bytes], None], left: Callable[[], None]
    ) -> None:
        self._received = received
        self._left = left
        self._client: socket.socket | None = None
        self._pty_used = False
        self._stop = threading.Event()
        self._server = listen(port, "--repl-port")
        self.port = self._server.getsockname()[1]
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.pty = os.ttyname(slave)
        os.set_blocking(self._master, False)
        os.close(slave)  # the master then tells when somebody has it open
        self._threads = [
            threading.Thread(target=work, name=f"serial-{name}", daemon=True)
            for name, work in (("tcp", self._serve_tcp), ("pty", self._serve_pty))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def attached(self) -> bool:
        """Say whether anybody is at the port or the pty."""
        return self._client is not None or self._pty_used

    def write(self, data: bytes) -> None:
        """Send what the band printed; a pty that nobody reads loses it."""
        client = self._client
        if client:
            try:
                client.sendall(data)
            except OSError:
                pass  # gone; the reading thread finds out
        if self._pty_used:
            try:
                while data:
                    select.select([], [self._master], [], 1.0)
                    data = data[os.write(self._master, data) :]
            except OSError:
                pass

    def _serve_tcp(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._server.accept()
            except OSError:
                return  # closed
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            self._client = client
            try:
                while data := client.recv(DEFAULT_BUFFER_SIZE):
                    self._received(data)
            except OSError:
                pass
            self._client = None
            client.close()
            self._gone()

    def _serve_pty(self) -> None:
        poller = select.poll()
        poller.register(self._master, select.POLLIN)
        while not self._stop.is_set():
            flags = dict(poller.poll(POLL_MS)).get(self._master, 0)
            if flags & select.POLLIN:
                self._pty_used = True
                try:
                    self._received(os.read(self._master, DEFAULT_BUFFER_SIZE))
                    continue
                except OSError:
                    pass
            if flags & select.POLLHUP:
                if self._pty_used:
                    self._pty_used = False
                    self._gone()
                self._stop.wait(POLL_MS / 1000)
            else:
                self._pty_used = True

    def _gone(self) -> None:
        if not self.attached and not self._stop.is_set():
            self._left()

    def close(self) -> None:
        """End both ways in."""
        self._stop.set()
        try:
            self._server.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._server.close()
        client = self._client
        if client:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join()
        os.close(self._master)


def listen(port: int, option: str) -> socket.socket:
    """Return a listening socket on loopback (port 0: any). Raises UserError where it is taken."""
    # Named as TCP: else asyncio leaves Nagle's algorithm on for what this socket accepts, and a
    # small packet that follows another waits 40 ms for the other side's acknowledgement.
    server = socket.socket(proto=socket.IPPROTO_TCP)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
    try:
        server.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        server.close()
        raise UserError(
            "Port {port} on this machine cannot be used ({why_said}); choose "
            "another with {option}.",
            port=port,
            why_said=error,
            option=option,
        ) from error
    server.listen()
    return server
