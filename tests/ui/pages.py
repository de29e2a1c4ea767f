"""A page opened without a browser, and what stands on it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"
PATIENCE_S = 600
"""For one run of a page on a busy machine; nothing is asserted about speed."""


def opened(page: str | None = None, /, **address: str) -> AppTest:
    """Open a page by the name of its file under pages/, or what the app shows first."""
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
    for name, value in address.items():
        app.query_params[name] = value
    if page is not None:
        app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def numbers(app: AppTest) -> dict[str, str]:
    """Return the figures by what stands above them."""
    return {metric.label: metric.value for metric in app.metric}


def text(app: AppTest) -> str:
    """Return what the page says in words."""
    boxes = [*app.info, *app.warning, *app.error, *app.success, *app.markdown, *app.caption]
    return " ".join(box.value for box in boxes)
