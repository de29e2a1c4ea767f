"""Network requests need consent, are spaced and retried, and go to public addresses only."""

import sys

import pytest

from netspatial.errors import BadInput, MissingPart
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.net import CannotFetch, Net
from tests.sources.server import Answer, serving


def net(waits=None, **other):
    waited = [] if waits is None else waits
    return Net(**({"consent": True, "private": True, "sleep": waited.append} | other))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("file:///etc/hosts", "not an http or https address"),
        ("ftp://example.org/x", "not an http or https address"),
        ("http://127.0.0.1/x", "private network"),
        ("http://10.1.2.3/x", "private network"),
        ("http://[::1]/x", "private network"),
        ("http://169.254.169.254/latest", "private network"),
    ],
)
def test_only_public_web_addresses_are_requested(url, sentence):
    with pytest.raises(BadInput, match=sentence):
        net(private=False).get(url)


def test_nothing_is_requested_without_consent():
    with serving(lambda _path, _sent: Answer(b"x")) as server:
        with pytest.raises(BadInput, match="consent"):
            net(consent=False).get(server.address)
        assert server.asked == []


def test_requests_to_a_busy_server_are_retried_after_growing_pauses():
    answers = [Answer(status=503), Answer(status=429, headers={"retry-after": "7"}), Answer(b"ok")]
    waits = []
    with serving(lambda _path, _sent: answers.pop(0)) as server:
        body, _ = net(waits, pause_s=0.5).get(server.address)
    assert body == b"ok"
    assert waits == [0.5, 7.0, 0.5]


@pytest.mark.parametrize(
    ("answer", "asked", "sentence"),
    [
        (Answer(status=429), 3, "too many requests"),
        (Answer(status=500), 3, "answered 500; try again later"),
        (Answer(status=403), 1, "access is forbidden"),
        (Answer(status=404), 1, "nothing at that address"),
        (Answer(b"half", promised=10), 3, "no complete answer"),
        (Answer(b"x" * 200_000), 1, "more than 0.1 MB"),
        (Answer(status=302, headers={"location": "/again"}), 4, "more than 3 redirects"),
        (Answer(status=302, headers={"location": "file:///etc/hosts"}), 1, "not an http"),
    ],
)
def test_the_error_of_a_bad_answer_has_no_key(answer, asked, sentence):
    with serving(lambda _path, _sent: answer) as server:
        with pytest.raises((CannotFetch, BadInput), match=sentence) as raised:
            net(tries=3, max_mb=0.1, timeout_s=5).get(f"{server.address}/t?key=secret")
        assert len(server.asked) == asked
    assert "secret" not in str(raised.value)


def test_an_unknown_host_name_raises_an_error():
    with pytest.raises(CannotFetch, match="cannot be resolved"):
        net(private=False).get("http://no-such-host.invalid/x")


@pytest.mark.parametrize(
    ("part", "asked", "package"),
    [
        ("pois", "overpass", "osmnx"),
        ("pois", "overture", "overturemaps"),
        ("imagery", "sentinel2:2024-05-01/2024-09-30", "pystac_client"),
    ],
)
def test_the_error_of_a_missing_package_has_its_install_command(monkeypatch, part, asked, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPart, match=rf"{package}.*pip install 'netspatial\[web\]'"):
        open_source(part, asked, SourceSettings())
