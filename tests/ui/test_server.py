"""A real server on this machine: which names and pages of elsewhere it answers, and to whom."""

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
    """The port of the app, known as plan.example besides this machine's own names."""
    number = free_port()
    metadata = {"NETSPATIAL_HOSTS": "plan.example"}
    with served_app(tmp_path_factory.mktemp("served"), number, metadata):
        yield number


def submit(port: int, path: str = "/", **headers: str) -> http.client.HTTPResponse:
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
def test_a_name_that_is_not_known_is_refused(port: int, host: str, status: int) -> None:
    assert submit(port, Host=host).status == status


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
def test_a_websocket_is_opened_from_pages_of_the_app_alone(
    port: int, host: str, origin: str, status: int
) -> None:
    answer = submit(port, "/_stcore/stream", Host=host, Origin=origin, **UPGRADE)
    assert answer.status == status


def test_no_other_site_frames_the_app_and_its_metrics_are_closed(port: int) -> None:
    page = submit(port, Host="127.0.0.1:{port}")
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/_stcore/metrics", "/_stcore/metrics/"):
        assert submit(port, path, Host="127.0.0.1:{port}").status == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_this_machine_alone_may_be_listened_to(address: str) -> None:
    access.check_address(address)


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::", "192.0.2.1", "plan.example"])  # noqa: S104
def test_others_are_listened_to_only_where_somebody_decides_who_comes_in(
    address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="have people sign in"):
        access.check_address(address)
    monkeypatch.setenv("NETSPATIAL_BEHIND_PROXY", "true")
    access.check_address(address)


def test_a_server_open_to_all_ends_with_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspatial.ui.server.start", "--address", "0.0.0.0"],  # noqa: S104
        capture_output=True, text=True, check=False, cwd=ROOT, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip().startswith("The app would listen on 0.0.0.0")
    assert "\n" not in done.stderr.strip()
