"""Templates of HTML, SVG and KML: every value is escaped, a missing value is an error."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def template(file: str) -> Template:
    """Return a template of the package.

    file : path below the package, for example "runs/report/page.html"
    """
    return _ENVIRONMENT.get_template(file)


def render(file: str, **values: object) -> Markup:
    """Return a template with its values filled in; another template takes it as it is."""
    return Markup(template(file).render(values))  # noqa: S704  the template escaped the values
