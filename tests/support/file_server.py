"""Serve files over HTTP on this machine, with the faults of real servers."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Answers one request; the server's own answer is `Request.give`.
Fault = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request; faults are what the server does with the first ones, in turn."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        with server.counting:
            server.asked.append((self.path, self.headers.get("Range")))
            fault = server.faults.pop(0) if server.faults else Request.give
        fault(self)

    @property
    def first(self) -> int:
        """First byte that is asked for."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(asked[1]) if asked else 0

    def head(self, status: int, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        else:
            self.close_connection = True
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def begin(self, *, ranges: bool = True, content: bytes | None = None) -> bytes:
        """Answer with the head of what is asked for; its bytes are still to be sent."""
        whole = self.server.files[self.path] if content is None else content
        first = self.first if ranges else 0
        if first >= len(whole):
            self.head(416, 0, Content_Range=f"bytes */{len(whole)}")
        elif first:
            told = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
            self.head(206, len(whole) - first, Content_Range=told)
        else:
            self.head(200, len(whole), Content_Type="application/octet-stream")
        return whole[first:]

    def give(self) -> None:
        """Give what is asked for, as a server without faults does."""
        self.wfile.write(self.begin())

    def log_message(self, *_: object) -> None:
        pass


def drop(part: float) -> Fault:
    """Close the connection after a part of what is asked for."""

    def fault(request: Request) -> None:
        rest = request.begin()
        request.wfile.write(rest[: int(len(rest) * part)])
        request.close_connection = True

    return fault


def hang_up(request: Request) -> None:
    """Close the connection before any answer."""
    request.close_connection = True


def reset(request: Request) -> None:
    """Send half, then reset the connection."""
    drop(0.5)(request)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stall(request: Request) -> None:
    """Send half, then nothing, with the connection open."""
    drop(0.5)(request)
    request.server.ended.wait(20)


def status(code: int, **headers: str) -> Fault:
    """Answer with a status and an empty page."""
    return lambda request: request.head(code, 0, **headers)


def content(other: bytes) -> Fault:
    """Give other bytes."""
    return lambda request: request.wfile.write(request.begin(content=other))


def no_ranges(request: Request) -> None:
    """Give everything, whatever is asked for."""
    request.wfile.write(request.begin(ranges=False))


def chunked(request: Request) -> None:
    """Give everything in chunks, without telling how much it is."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    whole = request.server.files[request.path]
    for start in range(0, len(whole), 50_000):
        piece = whole[start : start + 50_000]
        request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    request.wfile.write(b"0\r\n\r\n")


def until_closed(request: Request) -> None:
    """Give everything without telling how much it is, and close the connection."""
    request.head(200)
    request.wfile.write(request.server.files[request.path])


def wrong_range(request: Request) -> None:
    """Give another part than is asked for."""
    whole = request.server.files[request.path]
    request.head(206, len(whole) - 1, Content_Range=f"bytes 1-{len(whole) - 1}/{len(whole)}")
    request.wfile.write(whole[1:])


def page(request: Request) -> None:
    """A web page of an error, with a status of success."""
    text = b"<!doctype html><title>Sorry</title>"
    request.head(200, len(text), Content_Type="text/html; charset=utf-8")
    request.wfile.write(text)


def redirect(request: Request) -> None:
    """Send to another address."""
    request.head(302, 0, Location=f"/elsewhere{request.path}")


def slowly(request: Request) -> None:
    """Give what is asked for in small pieces with pauses."""
    rest = request.begin()
    for start in range(0, len(rest), 2**16):
        request.wfile.write(rest[start : start + 2**16])
        time.sleep(0.1)


class FileServer(ThreadingHTTPServer):
    """Serves files by their paths; `asked` has (path, Range) of each request."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes], faults: tuple[Fault, ...]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.files, self.faults = files, list(faults)
        self.asked: list[tuple[str, str | None]] = []
        self.counting, self.ended = threading.Lock(), threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def ranges(self) -> list[str | None]:
        """The Range of each request."""
        return [asked for _, asked in self.asked]

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no error of ours."""


@contextmanager
def serving(files: bytes | Mapping[str, bytes], *faults: Fault) -> Iterator[FileServer]:
    """Serve files by their paths, or one at every path, for as long as the block lasts."""
    by_path = defaultdict(lambda: files) if isinstance(files, bytes) else files
    with FileServer(by_path, faults) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()
