"""A page opened without a browser, and its texts and figures."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

SCRIPT = Path(__file__).with_name("app_script.py")
PATIENCE_S = 600
"""Timeout of one run of a page on a busy machine; no test asserts speed."""


def opened(page: str | None = None, /, **address: str) -> AppTest:
    """Open a page by the name of its file under pages/; by default the app's first page."""
    app = AppTest.from_file(str(SCRIPT), default_timeout=PATIENCE_S)
    for name, value in address.items():
        app.query_params[name] = value
    if page is not None:
        app.switch_page(f"../../pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def numbers(app: AppTest) -> dict[str, str]:
    """Return the metrics of a page by label."""
    return {metric.label: metric.value for metric in app.metric}


def text(app: AppTest) -> str:
    """Return all messages and texts of a page."""
    boxes = [*app.info, *app.warning, *app.error, *app.success, *app.markdown, *app.caption]
    return " ".join(box.value for box in boxes)
