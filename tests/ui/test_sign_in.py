"""Sign-in at a test provider on this machine."""

import json
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from netspatial.errors import MissingPart
from netspatial.ui.server import access
from tests.ui.oidc_provider import Provider, provider, secrets_of
from tests.ui.served_app import free_port, served_app

COOKIE_SECRET = "made up for tests, and long enough"  # noqa: S105
USER = "_streamlit_user"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Provider]]:
    """The address of an app with sign-in, and its provider."""
    folder, port = tmp_path_factory.mktemp("signing-in"), free_port()
    (folder / ".streamlit").mkdir()
    with provider() as server:
        secrets = secrets_of(server, port, COOKIE_SECRET)
        (folder / ".streamlit" / "secrets.toml").write_text(secrets)
        with served_app(folder, port, {}, "--address", "0.0.0.0") as address:  # noqa: S104
            yield address, server


def sign_in(address: str) -> dict[str, object]:
    """Follow the redirects of a sign-in like a browser, and return the claims of the session."""
    claims = {"provider": "default", "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(COOKIE_SECRET))
    with httpx.Client(timeout=60) as visitor:
        to_provider = visitor.get(f"{address}/auth/login", params={"provider": token})
        back = visitor.get(to_provider.headers["Location"]).headers["Location"]
        assert urlsplit(back).path == "/oauth2callback"
        home = visitor.get(back)
        assert home.headers["Location"] == "/"
        value = decode_signed_value(COOKIE_SECRET, USER, visitor.cookies[USER])
    assert value is not None
    return dict(json.loads(value))


def test_the_session_holds_the_providers_claims(app: tuple[str, Provider]) -> None:
    address, server = app
    people = []
    for who in ("ann", "bob"):
        server.who = who
        people.append(sign_in(address))
    assert [person["sub"] for person in people] == ["ann", "bob"]
    assert {person["iss"] for person in people} == {server.issuer}
    assert all(person["is_logged_in"] for person in people)


def test_a_forged_sign_in_creates_no_session(app: tuple[str, Provider]) -> None:
    address, _ = app
    with httpx.Client(timeout=60) as visitor:
        forged = jwt.encode({"alg": "HS256"}, {"provider": "default"}, OctKey.import_key("x" * 32))
        assert visitor.get(f"{address}/auth/login", params={"provider": forged}).status_code == 302
        visitor.get(f"{address}/oauth2callback", params={"code": "1", "state": "2"})
        assert USER not in visitor.cookies


def test_sign_in_without_its_library_reports_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "signin_is_on", lambda: True)
    monkeypatch.setattr(access, "find_spec", lambda _name: None)
    with pytest.raises(MissingPart, match=r"pip install 'netspatial\[signin\]'"):
        access.check_address("127.0.0.1")
