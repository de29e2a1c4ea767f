"""A run at work, on the page: its stages, how far it is, its place in the queue; cancel and resume.

The work itself lives in a process of its own. This only looks at its files once a second, so that
a reload, a closed tab or a second visitor changes nothing.
"""

from collections.abc import Callable

import streamlit as st

from netspatial.errors import Busy, NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.manifest import Progress
from netspatial.runs.jobs.run import Run
from netspatial.ui.server import workspace

LOOK_EVERY_S = 0.5


def follow(run: Run, what: str, on_leave: Callable[[], None]) -> None:
    """Show a run until it is finished, then draw the page again.

    what     : what is made, for people: "your plan"
    on_leave : called where the user turns away from a run that ended without a result
    """
    if run.progress().over:
        _ended(run, what, on_leave)
    else:
        _watch(run, what)


def in_words(progress: Progress, ahead: int | None) -> str:
    """Say how far a run is."""
    if progress.state == "waiting":
        if ahead:
            return f"Waiting: {ahead} {'run' if ahead == 1 else 'runs'} before yours"
        return "Starting a worker"
    if not progress.of:
        return progress.message or "Opening"
    count = f", {progress.done:,} of {progress.total:,}" if progress.total > 1 else ""
    return f"{progress.message} (step {progress.number} of {progress.of}{count})"


@st.fragment(run_every=LOOK_EVERY_S)
def _watch(run: Run, what: str) -> None:
    seen = worker.attach(run.folder)
    if seen.progress.over:
        st.rerun(scope="app")
    with st.container(border=True, key="job"):
        bar, stop = st.columns([5, 1], vertical_alignment="center")
        far = in_markdown(in_words(seen.progress, seen.ahead))
        bar.progress(seen.progress.share, text=f"**Making {what}** – {far}")
        if workspace.is_mine(run):
            stop.button(
                "Cancel", key="cancel", on_click=_cancel, args=(run,), icon=":material/close:"
            )
        st.caption(
            "The work goes on when you close this page; its address leads back to it.",
        )


def _ended(run: Run, what: str, on_leave: Callable[[], None]) -> None:
    progress = run.progress()
    if progress.state == "cancelled":
        st.info(
            f"{what.capitalize()} was cancelled; what was done is kept.", icon=":material/pause:"
        )
    else:
        st.error(
            in_markdown(progress.error or f"{what.capitalize()} ended without a word."),
            icon=":material/error:",
        )
    if not workspace.is_mine(run):
        return
    with st.container(horizontal=True):
        st.button(
            "Resume", key="resume", type="primary", icon=":material/play_arrow:",
            on_click=_resume, args=(run,),
        )  # fmt: skip
        st.button("Leave it", key="leave", on_click=on_leave)


def _cancel(run: Run) -> None:
    workspace.check_mine(run)
    run.cancel()


def _resume(run: Run) -> None:
    try:
        workspace.check_mine(run)
        worker.start(run.folder)
    except (Busy, NetSpatialError) as error:
        st.toast(in_markdown(error), icon=":material/error:")
