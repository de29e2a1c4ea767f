"""Middleware that accepts only requests to the app's own host names, from its own pages.

Other sites can neither reach the app by DNS rebinding nor frame it, and its metrics are not served.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK = ("localhost", "127.0.0.1", "::1")
CLOSED = "/_stcore/metrics"
POLICY = "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "SAMEORIGIN",  # the map to draw on is a frame of the app itself
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""Headers of every response. Scripts are not restricted, because Streamlit's need `eval`."""


class AllowedHosts:
    """ASGI middleware that passes on only requests with an allowed host and origin.

    hosts : host names of the app, besides those of this machine
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.named = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request or a websocket, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not self._is_known(Headers(scope=scope)):
            refusal = PlainTextResponse("This host name is not allowed.", status_code=403)
            await (WebSocketClose(1008) if scope["type"] == "websocket" else refusal)(
                scope, receive, send
            )
        elif scope["path"].rstrip("/").endswith(CLOSED):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))

    def _is_known(self, headers: Headers) -> bool:
        """Return whether the host and, if there is one, the origin are allowed.

        An origin on this machine must equal the host including its port, because other servers
        may run here.
        """
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or len(origins) > 1:
            return False
        host = hosts[0].lower()
        known = _name(f"//{host}") in {*LOOPBACK, *self.named}
        if not origins or not known:
            return known
        origin = origins[0].lower()
        return _address(origin) == host or _name(origin) in self.named


def _name(address: str) -> str | None:
    try:
        return None if "@" in address else urlsplit(address).hostname
    except ValueError:
        return None


def _address(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sending
