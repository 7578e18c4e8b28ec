"""The worker of gunicorn that waits for slow clients without giving them a thread.

gunicorn's own threaded worker reads a request in the thread that answers it, with no limit of time: as many half-sent
requests as there are threads stop a server for good. Here the loop that accepts connections collects a request, many
at a time, and a thread gets it when it is whole. What is not whole after READ_SECONDS is given up.

It stands on the inside of gunicorn's `gthread` (27); tests/serving/test_slow_clients.py holds it to what is said here.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from dashboard.settings import MAX_BODY

#: A request has to be whole so many seconds after its first byte, or after the connection was made.
READ_SECONDS = 10.0
#: An answer of which a client takes nothing for so many seconds is not sent to the end.
WRITE_SECONDS = 20
#: After an answer the connection is kept open so long at most, for the client to read it and hang up.
LINGER_SECONDS = 2.0
#: Connections of a worker that are in the middle of a request, that wait for their next one, and that are about to be
#: closed. One more takes the place of the oldest, so that who asks in earnest is never kept out by who does not.
MOST_READING, MOST_WAITING, MOST_LINGERING = 256, 256, 128
#: No browser of ours sends longer headers.
MAX_HEAD = 32 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,19})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class _Reading:
    """What has come of a request so far."""

    def __init__(self, received: bytes = b""):
        self.received = bytearray(received)
        self.until = time.monotonic() + READ_SECONDS
        self.head: int | None = None  # where its headers end
        self.whole = 0  # bytes it takes in all, once its headers are there

    def add(self, piece: bytes) -> None:
        """One more piece."""
        searched = max(len(self.received) - 3, 0)
        self.received += piece
        if self.head is None and (end := self.received.find(b"\r\n\r\n", searched)) >= 0:
            self.head = end + 4
            length = _LENGTH.search(self.received, 0, self.head)
            self.whole = self.head + (int(length[1]) if length else 0)

    @property
    def cut(self) -> bool:
        """Whether its body will not be waited for: too long, or of a length that nobody tells. Such are refused."""
        return self.head is not None and (
            self.whole - self.head > MAX_BODY or _CHUNKED.search(self.received, 0, self.head) is not None
        )

    @property
    def complete(self) -> bool:
        """Whether a thread can answer it without waiting."""
        return self.head is not None and (self.cut or len(self.received) >= self.whole)


class PatientWorker(ThreadWorker):
    """`gthread`, with requests read to their end before a thread is given to them."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.max_keepalived = min(self.max_keepalived, MOST_WAITING)
        self._reading: OrderedDict[TConn, _Reading] = OrderedDict()
        self._lingering: OrderedDict[TConn, float] = OrderedDict()

    # -- arriving -------------------------------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, and wait for its request in the loop."""
        try:
            taken, address = listener.accept()
        except OSError:
            # Gone again, or another worker was quicker.
            return
        self.nr_conns += 1
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", WRITE_SECONDS, 0))
        self._read(TConn(self.cfg, taken, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The next request on a connection that was kept open."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._read(conn)

    def _read(self, conn: TConn, received: bytes = b"") -> None:
        conn.sock.setblocking(False)
        reading = _Reading()
        reading.add(received)
        self._reading[conn] = reading
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_piece, conn))
        if reading.complete:
            self._hand_on(conn)
        elif len(self._reading) > MOST_READING:
            self._give_up(next(iter(self._reading)))

    def _on_piece(self, conn: TConn, client: socket.socket) -> None:
        try:
            piece = client.recv(MAX_BODY)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._give_up(conn)
            return
        reading = self._reading[conn]
        if not piece:
            # Hung up, or nothing more to say: what there is of a request is refused as what it is.
            if reading.received:
                self._hand_on(conn)
            else:
                self._give_up(conn)
            return
        expected = reading.head is None
        reading.add(piece)
        if reading.complete:
            self._hand_on(conn)
        elif reading.head is None and len(reading.received) > MAX_HEAD:
            self._give_up(conn, _TOO_LONG)
        elif expected and reading.head is not None and _EXPECTS.search(reading.received, 0, reading.head):
            with contextlib.suppress(OSError):
                client.send(_CONTINUE)

    def _hand_on(self, conn: TConn) -> None:
        """Give a request that is there to a thread."""
        reading = self._reading.pop(conn)
        self.poller.unregister(conn.sock)
        try:
            conn.init()
        except Exception:
            self.log.debug("A connection was lost before its request was answered.")
            self.nr_conns -= 1
            conn.close()
            return
        conn.parser.unreader.unread(bytes(reading.received))
        conn.data_ready = True
        # Nothing says where the next request would begin.
        conn.is_last = reading.cut
        self.enqueue_req(conn)

    def _give_up(self, conn: TConn, answer: bytes = b"") -> None:
        del self._reading[conn]
        self.poller.unregister(conn.sock)
        if answer:
            with contextlib.suppress(OSError):
                conn.sock.send(answer)
        self.nr_conns -= 1
        conn.close()

    # -- leaving --------------------------------------------------------------------------------------------------

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        return bool(super()._keepalive_after(conn, keepalive and not conn.is_last))

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """What is done with a connection after an answer: never anything that this loop would have to wait for."""
        try:
            again = bool(fs.result()) if not fs.cancelled() else False
        except Exception:
            again = False
        if not again:
            self._linger(conn)
        elif early := conn.parser.unreader.take_buffered():
            # The beginning of the next request, or all of it, came with the one before.
            self._read(conn, early)
        else:
            super().finish_request(conn, fs)

    def _linger(self, conn: TConn) -> None:
        """Close a connection so that what was sent arrives: a client may still be sending (RFC 9112, 9.6)."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_rest, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
            return
        self._lingering[conn] = time.monotonic() + LINGER_SECONDS
        if len(self._lingering) > MOST_LINGERING:
            self._let_go(next(iter(self._lingering)))

    def _on_rest(self, conn: TConn, client: socket.socket) -> None:
        try:
            if client.recv(MAX_BODY):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    # -- what took too long -----------------------------------------------------------------------------------------

    def murder_pending(self) -> None:
        """End what has had its time; called by the loop at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, reading in list(self._reading.items()):
            # A stopping worker waits for nobody who has not begun to ask.
            if now > reading.until or not (self.alive or reading.received):
                self._give_up(conn, _TOO_LATE if reading.received else b"")
        _each_past(now, self._lingering, self._let_go)


def _each_past(now: float, deadlines: OrderedDict[TConn, float], end: Callable[[TConn], None]) -> None:
    for conn, until in list(deadlines.items()):
        if until > now:
            return
        end(conn)
