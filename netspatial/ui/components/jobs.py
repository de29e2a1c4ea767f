"""Progress of an unfinished run: its stage, its place in the queue; cancel and resume.

The run works in a process of its own. The page only polls its files, so that a reload, a closed
tab or a second visitor changes nothing.
"""

from collections.abc import Callable

import streamlit as st

from netspatial.errors import Busy, NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run
from netspatial.ui.server import workspace

LOOK_EVERY_S = 0.5


def follow(run: Run, what: str, on_leave: Callable[[], None]) -> None:
    """Show the progress of a run until it is finished, then redraw the page.

    what     : what the run creates, as shown to the user: "your plan"
    on_leave : called when the user closes a run that ended without a result
    """
    if run.progress().over:
        _ended(run, what, on_leave)
    else:
        _watch(run, what)


def in_words(progress: RunProgress, ahead: int | None) -> str:
    """Return the progress of a run in words."""
    if progress.state == "waiting":
        if ahead:
            return f"Waiting: {ahead} {'run' if ahead == 1 else 'runs'} before yours"
        return "Starting a worker"
    if not progress.of:
        return progress.message or "Opening"
    detail = f", {progress.detail}" if progress.detail else ""
    return f"{progress.message} (step {progress.number} of {progress.of}{detail})"


@st.fragment(run_every=LOOK_EVERY_S)
def _watch(run: Run, what: str) -> None:
    seen = worker.attach(run.folder)
    if seen.progress.over:
        st.rerun(scope="app")
    with st.container(border=True, key="job"):
        bar, stop = st.columns([5, 1], vertical_alignment="center")
        far = in_markdown(in_words(seen.progress, seen.ahead))
        bar.progress(seen.progress.share, text=f"**Creating {what}** – {far}")
        if workspace.is_mine(run):
            stop.button(
                "Cancel", key="cancel", on_click=_cancel, args=(run,), icon=":material/close:"
            )
        st.caption(
            "The run continues when you close this page. Open this page's address to return to it.",
        )


def _ended(run: Run, what: str, on_leave: Callable[[], None]) -> None:
    progress = run.progress()
    if progress.state == "cancelled":
        st.info(
            f"{what.capitalize()} was cancelled; finished steps are kept.", icon=":material/pause:"
        )
    else:
        st.error(
            in_markdown(progress.error or f"{what.capitalize()} stopped without an error message."),
            icon=":material/error:",
        )
    if not workspace.is_mine(run):
        return
    with st.container(horizontal=True):
        st.button(
            "Resume",
            key="resume",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_resume,
            args=(run,),
        )
        st.button("Close", key="leave", on_click=on_leave)


def _cancel(run: Run) -> None:
    workspace.check_mine(run)
    run.cancel()


def _resume(run: Run) -> None:
    try:
        workspace.check_mine(run)
        worker.start(run.folder)
    except (Busy, NetSpatialError) as error:
        st.toast(in_markdown(error), icon=":material/error:")
