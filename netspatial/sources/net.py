"""Rules for network requests: consent, rate limit, retries, public addresses, size limit.

Used by every source that fetches. One request at a time, with pauses; temporary failures are
retried with exponential backoff; private addresses and oversized downloads are refused.
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
"""Status codes of temporary failures, which are retried."""
LONGEST_PAUSE_S = 60.0
MAX_HOPS = 4


class CannotFetch(NetSpatialError):
    """A request failed or returned no usable data."""


@dataclass(frozen=True)
class Net:
    """Permissions and limits of network requests.

    Attributes
    ----------
    consent : bool
        Whether anything may be fetched at all.
    private : bool
        Whether addresses inside private networks are allowed.
    max_mb : float
        Maximum size of one response, megabytes.
    timeout_s : float
        Maximum silence of a server during one response, seconds.
    pause_s : float
        Pause between two requests, seconds.
    tries : int
        Maximum number of requests to one address.
    sleep : callable
        Function that waits; tests replace it.
    """

    consent: bool = False
    private: bool = False
    max_mb: float = 2000.0
    timeout_s: float = 60.0
    pause_s: float = 0.5
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep

    def check(self, url: str) -> None:
        """Raise unless requests to this address are allowed.

        Parameters
        ----------
        url : str
            Address.

        Raises
        ------
        BadInput
            If it is no http address, there is no consent, or it is in a private network.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"'{url}' is not an http or https address; only these are fetched.")
        if not self.consent:
            raise BadInput(f"Fetching from {parts.hostname} needs your consent: give --yes.")
        if self.private:
            return
        for address in _addresses(parts.hostname, parts.port):
            if not address.is_global:
                raise BadInput(
                    f"{parts.hostname} has the address {address} inside a private network; give "
                    "--allow-private to fetch from it."
                )

    def get(self, url: str, form: dict[str, str] | None = None) -> tuple[bytes, str]:
        """Return the body and the content type of one address; retry temporary failures.

        Parameters
        ----------
        url : str
            Address.
        form : dict of str, optional
            Fields to POST; None sends a GET.

        Returns
        -------
        tuple of bytes and str
            Body and content type.

        Raises
        ------
        CannotFetch
            If the server does not answer, or its answer is too large.
        BadInput
            As in `check`.
        """
        requests = import_web("requests")
        failure = ""
        for attempt in range(self.tries):
            wait = self.pause_s * (2**attempt if attempt else 1)
            try:
                status, body, kind, after = self._once(requests, url, form)
            except (requests.RequestException, OSError) as error:
                failure = f"gave no complete answer ({type(error).__name__})"
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
        """Return an HTTP adapter for the session of a client library; every redirect is checked."""
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
        """Send one request; return status, body, content type and `retry-after` in seconds."""
        for _ in range(MAX_HOPS):
            self.check(url)
            with requests.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                headers={"User-Agent": AGENT},
                timeout=self.timeout_s,
                stream=True,
                allow_redirects=False,  # each redirect is checked like the first address
            ) as answer:
                if answer.is_redirect:
                    url, form = urljoin(url, answer.headers["location"]), None
                    continue
                body = self._body(url, answer) if answer.status_code == 200 else b""
                after = answer.headers.get("retry-after", "")
                kind = answer.headers.get("content-type", "").partition(";")[0].strip()
                return answer.status_code, body, kind, float(after) if after.isdigit() else 0.0
        raise CannotFetch(f"{_shown(url)} has more than {MAX_HOPS - 1} redirects.")

    def _body(self, url: str, answer: Any) -> bytes:
        received = bytearray()
        for piece in answer.iter_content(1 << 16):
            received += piece
            if len(received) > self.max_mb * 1e6:
                raise CannotFetch(
                    f"{_shown(url)} gives more than {self.max_mb:g} MB; use a smaller area or a "
                    "larger --max-mb."
                )
        promised = answer.headers.get("content-length", "")
        encoded = "content-encoding" in answer.headers
        if promised.isdigit() and not encoded and len(received) != int(promised):
            raise OSError("the answer was cut short")
        return bytes(received)


_ADVICE = {
    "answered 401": "; it needs a key in the address",
    "answered 403": ": access is forbidden; check its terms of use and the key in the address",
    "answered 404": ": there is nothing at that address",
    "answered 429": ": too many requests; try again later",
}


def _addresses(host: str, port: int | None) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotFetch(f"The host name {host} cannot be resolved.") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _shown(url: str) -> str:
    """Return an address without its query, which may hold a key."""
    return url.partition("?")[0]


def import_web(package: str) -> Any:
    """Import a package of the extra `web`; the error where it is absent has the install command."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        name = package.partition(".")[0]
        raise MissingPart(
            f"The package {name} is not installed; install it with pip install 'netspatial[web]'."
        ) from error
