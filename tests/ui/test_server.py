"""A real server on this machine: allowed hosts and origins, response headers, access control."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from netspatial.errors import BadInput
from netspatial.ui.server import access
from tests.ui.served_app import ROOT, free_port, served_app

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the app, whose allowed hosts are plan.example and this machine's names."""
    number = free_port()
    variables = {"NETSPATIAL_HOSTS": "plan.example"}
    with served_app(tmp_path_factory.mktemp("served"), number, variables):
        yield number


def request(port: int, path: str = "/", **headers: str) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.putrequest("GET", path, skip_host=True)
    for name, value in headers.items():
        line.putheader(name, value.format(port=port))
    line.endheaders()
    answer = line.getresponse()
    if answer.status != 101:
        answer.read()
    answer.close()
    line.close()
    return answer


HOSTS = {
    "127.0.0.1:{port}": 200,
    "localhost:{port}": 200,
    "[::1]:{port}": 200,
    "plan.example": 200,
    "evil.example": 403,
    "127.0.0.1.evil.example:{port}": 403,
    "user@127.0.0.1": 403,
    "": 403,
    "[": 403,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
def test_a_host_that_is_not_allowed_is_refused(port: int, host: str, status: int) -> None:
    assert request(port, Host=host).status == status


ORIGINS = {
    ("127.0.0.1:{port}", "http://127.0.0.1:{port}"): 101,
    ("localhost:{port}", "http://localhost:{port}"): 101,
    ("plan.example", "https://plan.example"): 101,
    ("127.0.0.1:{port}", "https://plan.example"): 101,
    ("127.0.0.1:{port}", "http://evil.example"): 403,
    ("evil.example:{port}", "http://evil.example:{port}"): 403,
    ("127.0.0.1:{port}", "http://127.0.0.1:9"): 403,
    ("localhost:{port}", "null"): 403,
}


@pytest.mark.parametrize(("host", "origin", "status"), [(*k, v) for k, v in ORIGINS.items()])
def test_a_websocket_is_accepted_only_from_pages_of_the_app(
    port: int, host: str, origin: str, status: int
) -> None:
    answer = request(port, "/_stcore/stream", Host=host, Origin=origin, **UPGRADE)
    assert answer.status == status


def test_other_sites_cannot_frame_the_app_and_metrics_are_not_served(port: int) -> None:
    page = request(port, Host="127.0.0.1:{port}")
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/_stcore/metrics", "/_stcore/metrics/"):
        assert request(port, path, Host="127.0.0.1:{port}").status == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_a_loopback_address_is_always_allowed(address: str) -> None:
    access.check_address(address)


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::", "192.0.2.1", "plan.example"])  # noqa: S104
def test_another_address_needs_sign_in_or_a_proxy(
    address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="Require sign-in"):
        access.check_address(address)
    monkeypatch.setenv("NETSPATIAL_BEHIND_PROXY", "true")
    access.check_address(address)


def test_a_server_without_access_control_exits_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspatial.ui.server.start", "--address", "0.0.0.0"],  # noqa: S104
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=dict(os.environ),
    )
    assert done.returncode == 2
    assert done.stderr.strip().startswith("The app would listen on 0.0.0.0")
    assert "\n" not in done.stderr.strip()
