"""A small loopback web server that imitates tile servers, Overpass and STAC, also with errors."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """Response of the server; `promised` is a wrong content length, None the right one."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None


@dataclass
class Server:
    """A running server: its address, and the requested paths, in order."""

    address: str
    asked: list[str] = field(default_factory=list)


Respond = Callable[[str, bytes], Answer]
"""From the path with its query, and the body of the request, to an answer."""


@contextmanager
def serving(respond: Respond) -> Iterator[Server]:
    """Run a server on a free port of the loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            sent = self.rfile.read(length)
            shown.asked.append(self.path)
            answer = respond(self.path, sent)
            body = b"" if self.command == "HEAD" else answer.body
            begin, status = 0, answer.status
            asked = self.headers.get("range", "")
            if asked.startswith("bytes=") and status == 200 and body:
                first, _, last = asked[6:].partition("-")
                begin = int(first)
                body = body[begin : int(last) + 1 if last else None]
                status = 206
            self.send_response(status)
            self.send_header("content-type", answer.kind)
            length = len(answer.body) if self.command == "HEAD" else len(body)
            self.send_header("content-length", str(answer.promised or length))
            if status == 206:
                end = begin + len(body) - 1
                self.send_header("content-range", f"bytes {begin}-{end}/{len(answer.body)}")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_HEAD = do_GET  # noqa: N815  the library's names

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shown = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
