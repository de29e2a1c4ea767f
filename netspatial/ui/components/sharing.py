"""Read-only sharing of one's own run, by link or with all signed-in users."""

import streamlit as st

from netspatial.runs.jobs.run import Run
from netspatial.ui.server import access, workspace


def sharing_panel(run: Run) -> None:
    """Let the owner of a run share it; show other users that it is read-only."""
    if not access.signin_is_on():
        return
    if not workspace.is_mine(run):
        st.caption(f"`{run.name}` is shared with you, read-only.")
        return
    now = workspace.sharing_of(run)
    with st.popover("Share", icon=":material/share:"):
        key = f"{run.name}-{now.token}"
        link = st.toggle("By link", now.token is not None, key=f"share-link-{key}")
        team = st.toggle("With all signed-in users", now.team, key=f"share-team-{key}")
        if (link, team) != (now.token is not None, now.team):
            now = workspace.share(run, link=link, team=team)
        if now.token is not None:
            st.code(f"{st.context.url}?run={workspace.LINK}{now.token}", language=None)
        st.caption("Others can view and download it. They cannot change or delete it.")
