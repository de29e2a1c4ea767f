"""Who may use the app: whoever sits at this machine, or those who sign in.

Signing in is Streamlit's own (OpenID Connect), switched on by a section [auth] of its secrets file.
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
    """Whoever signed in: who says so, as whom they know the person, and a name to show."""

    issuer: str
    subject: str
    name: str


def signin_is_on() -> bool:
    """Tell whether people have to sign in."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def known_hosts() -> tuple[str, ...]:
    """Return the names by which the app is reached, besides this machine's own."""
    named = server_settings().hosts
    if not signin_is_on():
        return named
    back = urlsplit(str(st.secrets["auth"].get("redirect_uri", ""))).hostname
    return (*named, back) if back else named


def check_address(address: str | None) -> None:
    """Raise where the app would listen to other machines with nobody deciding who comes in.

    address : where it listens; None is everywhere
    """
    if signin_is_on():
        if find_spec("authlib") is None:
            raise MissingPart(
                "Signing in needs Authlib; install it by `pip install 'netspatial[signin]'`."
            )
        return
    if not _is_loopback(address) and not server_settings().behind_proxy:
        raise BadInput(
            f"The app would listen on {address or 'every address'} to whoever reaches it; have "
            "people sign in (docs/server.md), or set `behind_proxy = true` in netspatial.toml "
            "where a reverse proxy decides who comes in."
        )


def person() -> Person | None:
    """Return who has signed in; None where nobody has."""
    if not st.user.is_logged_in:
        return None
    metadata = st.user.to_dict()
    name = next((str(metadata[key]) for key in ("name", "email") if metadata.get(key)), "Signed in")
    return Person(str(metadata["iss"]), str(metadata["sub"]), name)


def require_person() -> None:
    """Go on where whoever looks may use the app; else offer to sign in, and end the page."""
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
