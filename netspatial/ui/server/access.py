"""Access to the app: users of this machine only, or users who sign in.

Sign-in is Streamlit's (OpenID Connect); the section [auth] of its secrets file switches it on.
"""

import ipaddress
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

import streamlit as st

from netspatial.errors import BadInput, MissingPart
from netspatial.runs.jobs.server_settings import server_settings


@dataclass(frozen=True)
class Person:
    """A signed-in user: the identity provider, its id of the user, and a name to show."""

    issuer: str
    subject: str
    name: str


def signin_is_on() -> bool:
    """Return whether users have to sign in."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def known_hosts() -> tuple[str, ...]:
    """Return the host names of the app, besides those of this machine."""
    named = server_settings().hosts
    if not signin_is_on():
        return named
    back = urlsplit(str(st.secrets["auth"].get("redirect_uri", ""))).hostname
    return (*named, back) if back else named


def check_address(address: str | None) -> None:
    """Raise if the app would be open to other machines without any access control.

    address : address that the app listens on; None is every address
    """
    if signin_is_on():
        if find_spec("authlib") is None:
            raise MissingPart(
                "Sign-in needs Authlib; install it with `pip install 'netspatial[signin]'`."
            )
        return
    if not _is_loopback(address) and not server_settings().behind_proxy:
        raise BadInput(
            f"The app would listen on {address or 'every address'} without access control. "
            "Require sign-in (docs/server.md), or set `behind_proxy = true` in netspatial.toml "
            "if a reverse proxy controls access."
        )


def person() -> Person | None:
    """Return the signed-in user; None if nobody is signed in."""
    if not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    name = next((str(claims[key]) for key in ("name", "email") if claims.get(key)), "Signed in")
    return Person(str(claims["iss"]), str(claims["sub"]), name)


def require_person() -> None:
    """Return if the user may use the app; else show the sign-in page and stop."""
    check_address(st.get_option("server.address"))
    if not signin_is_on():
        return
    if who := person():
        with st.sidebar:
            st.text(who.name)
            st.button("Sign out", on_click=st.logout, icon=":material/logout:", key="sign-out")
        return
    st.title("NetSpatial", anchor=False)
    st.write("Sign in to see your cities and runs.")
    st.button("Sign in", on_click=st.login, type="primary", icon=":material/login:", key="sign-in")
    st.stop()


def _is_loopback(address: str | None) -> bool:
    if address is None:
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
