"""Sharing a run of one's own where people sign in: by a link, with the team; to look at only."""

import streamlit as st

from netspatial.runs.jobs.run import Run
from netspatial.ui.server import access, workspace


def sharing_panel(run: Run) -> None:
    """Let the owner of a run say with whom it is shared; tell others whose it is not."""
    if not access.signin_is_on():
        return
    if not workspace.is_mine(run):
        st.caption(f"`{run.name}` is shared with you to look at.")
        return
    now = workspace.sharing_of(run)
    with st.popover("Share", icon=":material/share:"):
        key = f"{run.name}-{now.token}"
        link = st.toggle("By a link", now.token is not None, key=f"share-link-{key}")
        team = st.toggle("With all who sign in here", now.team, key=f"share-team-{key}")
        if (link, team) != (now.token is not None, now.team):
            now = workspace.share(run, link=link, team=team)
        if now.token is not None:
            st.code(f"{st.context.url}?run={workspace.LINK}{now.token}", language=None)
        st.caption("Others may look at it and download it. They cannot change or delete it.")
