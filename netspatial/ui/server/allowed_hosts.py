"""Who may speak to the app's server: requests to names it is known by, from pages of its own.

Around all that Streamlit serves. A page of elsewhere that has its own name point at this machine
(DNS rebinding) is refused, no other site frames the app, and its metrics are not shown.
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
"""What every answer carries. Scripts are not limited: Streamlit's own need `eval`."""


class DemandFloor:
    """An ASGI application that lets through to another what comes to and from known names.

    hosts : names besides those of this machine by which the app is reached
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.named = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a websocket, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not self._is_known(Headers(scope=scope)):
            refusal = PlainTextResponse("This name is not known here.", status_code=403)
            await (WebSocketClose(1008) if scope["type"] == "websocket" else refusal)(
                scope, receive, send
            )
        elif scope["path"].rstrip("/").endswith(CLOSED):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))

    def _is_known(self, headers: Headers) -> bool:
        """Tell whether host and, where there is one, origin are known.

        An origin of this machine's own names must be the very host, port and all: other servers
        run here, too.
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
