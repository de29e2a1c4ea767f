"""The rules for asking addresses outside: with consent, politely, publicly, and not without end.

Under every source that fetches. One request at a time, spaced; what fails for a while is asked
again after growing pauses; addresses inside private networks and downloads without end are refused.
"""

import importlib
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from netspatial.errors import BadInput, MissingPart, NetSpatialError

AGENT = "NetSpatial/0.1 (+https://github.com/netspatial/netspatial)"
AGAIN = (429, 500, 502, 503, 504)
"""Answers that may be better later."""
LONGEST_PAUSE_S = 60.0
MOST_HOPS = 4


class CannotFetch(NetSpatialError):
    """An address outside did not give what was asked for."""


@dataclass(frozen=True)
class Net:
    """What a user allows, and how patient we are.

    consent   : whether anything may be fetched at all
    private   : whether addresses inside private networks may be asked
    max_mb   : the largest download of one answer, megabytes
    timeout_s : how long one answer may keep silent
    pause_s   : between two requests, seconds
    tries     : how often one address is asked at most
    sleep     : how to wait; tests wait without waiting
    """

    consent: bool = False
    private: bool = False
    max_mb: float = 2000.0
    timeout_s: float = 60.0
    pause_s: float = 0.5
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep

    def check(self, url: str) -> None:
        """Raise unless this address may be asked."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"'{url}' is not an http or https address, and nothing else is fetched.")
        if not self.consent:
            raise BadInput(f"Fetching from {parts.hostname} needs your consent: give --yes.")
        if self.private:
            return
        for address in _addresses(parts.hostname, parts.port):
            if not address.is_global:
                raise BadInput(
                    f"{parts.hostname} is the address {address} inside a private network, which "
                    "is not fetched from; give --allow-private if it is meant."
                )

    def get(self, url: str, form: dict[str, str] | None = None) -> tuple[bytes, str]:
        """Return the body and the content type of one address; ask again where that may help.

        form : fields to post; without them the address is only asked for
        """
        requests = import_web("requests")
        failure = ""
        for attempt in range(self.tries):
            wait = self.pause_s * (2**attempt if attempt else 1)
            try:
                status, body, kind, after = self._once(requests, url, form)
            except (requests.RequestException, OSError) as error:
                failure = f"gave no whole answer ({type(error).__name__})"
            else:
                if status == 200:
                    self.sleep(self.pause_s)
                    return body, kind
                failure = f"answered {status}"
                if status not in AGAIN:
                    break
                wait = max(wait, after)
            if attempt + 1 < self.tries:
                self.sleep(min(wait, LONGEST_PAUSE_S))
        raise CannotFetch(f"{_shown(url)} {failure}{_ADVICE.get(failure, '; try again later')}.")

    def adapter(self) -> Any:
        """Return what the session of a client library fetches through; every hop is checked."""
        adapters, retry = import_web("requests.adapters"), import_web("urllib3.util.retry")
        patience = retry.Retry(
            total=self.tries - 1,
            backoff_factor=self.pause_s,
            status_forcelist=AGAIN,
            allowed_methods=None,
            raise_on_status=False,
        )
        made = adapters.HTTPAdapter(max_retries=patience)
        plain = made.send

        def send(request: Any, *others: Any, **named: Any) -> Any:
            self.check(request.url)
            return plain(request, *others, **named)

        made.send = send
        return made

    def _once(
        self, requests: Any, url: str, form: dict[str, str] | None
    ) -> tuple[int, bytes, str, float]:
        """Ask once: status, body, content type, and for how many seconds we are asked to wait."""
        for _ in range(MOST_HOPS):
            self.check(url)
            with requests.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                headers={"User-Agent": AGENT},
                timeout=self.timeout_s,
                stream=True,
                allow_redirects=False,  # each hop is checked like the first address
            ) as answer:
                if answer.is_redirect:
                    url, form = urljoin(url, answer.headers["location"]), None
                    continue
                body = self._body(url, answer) if answer.status_code == 200 else b""
                after = answer.headers.get("retry-after", "")
                kind = answer.headers.get("content-type", "").partition(";")[0].strip()
                return answer.status_code, body, kind, float(after) if after.isdigit() else 0.0
        raise CannotFetch(f"{_shown(url)} leads from one address to another without end.")

    def _body(self, url: str, answer: Any) -> bytes:
        received = bytearray()
        for piece in answer.iter_content(1 << 16):
            received += piece
            if len(received) > self.max_mb * 1e6:
                raise CannotFetch(
                    f"{_shown(url)} gives more than {self.max_mb:g} MB; ask for a smaller area "
                    "or give a larger --most-mb."
                )
        promised = answer.headers.get("content-length", "")
        encoded = "content-encoding" in answer.headers
        if promised.isdigit() and not encoded and len(received) != int(promised):
            raise OSError("the answer was cut short")
        return bytes(received)


_ADVICE = {
    "answered 401": "; it needs a key in the address",
    "answered 403": ", it does not allow this; check its terms of use and the key in the address",
    "answered 404": ", there is nothing at that address",
    "answered 429": " again and again, it wants fewer requests; try again later",
}


def _addresses(host: str, port: int | None) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotFetch(f"There is no way to {host}: its name leads nowhere.") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _shown(url: str) -> str:
    """Return an address without its query, which may hold a key."""
    return url.partition("?")[0]


def import_web(package: str) -> Any:
    """Import a package of the extra `web`; say how to get it where it is absent."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        name = package.partition(".")[0]
        raise MissingPart(
            f"The package {name} is not installed; pip install 'netspatial[web]' brings it."
        ) from error
