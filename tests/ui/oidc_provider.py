"""An OpenID Connect provider for tests on this machine: it signs in a given user."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64encode

CLIENT, SECRET = "netspatial", "between-us"


class Provider(ThreadingHTTPServer):
    """OpenID Connect provider.

    who : the subject that the next visitor is signed in as
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.who = "ann"
        self.codes: dict[str, dict[str, str]] = {}

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "sub": asked["who"],
            "name": asked["who"].title(),
            "nonce": asked["nonce"],
        }
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, self._asked(urlsplit(self.path).query)
        at = self.server.issuer
        if path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": at,
                    "authorization_endpoint": f"{at}/authorize",
                    "token_endpoint": f"{at}/token",
                    "jwks_uri": f"{at}/jwks",
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            )
        elif path == "/jwks":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        else:
            code = uuid.uuid4().hex
            self.server.codes[code] = {**asked, "who": self.server.who}
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = self._asked(body)
        known = self.server.codes.pop(asked["code"])
        proof = urlsafe_b64encode(sha256(asked["code_verifier"].encode()).digest()).decode()
        assert proof == known["code_challenge"]
        token = self.server.id_token(known)
        self._json({"access_token": "-", "token_type": "Bearer", "id_token": token})

    @staticmethod
    def _asked(query: str) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(query).items()}

    def _json(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider while the block runs."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def secrets_of(server: Provider, port: int, cookie_secret: str) -> str:
    """Return the content of the secrets file of an app on a port of this machine."""
    return f"""
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{cookie_secret}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{server.issuer}/.well-known/openid-configuration"
"""
