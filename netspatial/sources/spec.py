"""How a source is asked for in one string: `kind:where#option=value&option=value`.

Behind every `--imagery`, `--pois`, `--landuse`, `--stations` and `--traffic`. The options stand
where a web address has its fragment, which is never sent to a server.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from netspatial.errors import BadInput


@dataclass(frozen=True)
class Spec:
    """One source that was asked for: its kind, a path or an address, and its options."""

    kind: str
    where: str
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write the source as it is asked for."""
        options = "&".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.kind}:{self.where}" + (f"#{options}" if options else "")

    def take(self, known: Collection[str]) -> dict[str, str]:
        """Return the options; raise where one is not known to this kind."""
        for name in self.options:
            if name not in known:
                raise BadInput(
                    f"The source '{self.kind}' has no option '{name}'; "
                    f"its options are {', '.join(sorted(known))}."
                )
        return self.options

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """Return an option that is a number between `low` and `high`."""
        text = self.options.get(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise BadInput(
                f"The option {name} of the source '{self.kind}' is '{text}'; "
                f"a number from {low:g} to {high:g} would be right."
            )
        return value

    def file(self) -> Path:
        """Return where it points to as a file that is there."""
        path = on_disk(self.where)
        if path is None or not path.is_file():
            raise BadInput(f"There is no file '{self.where}' for the source '{self.kind}'.")
        return path


def on_disk(text: str) -> Path | None:
    """Return the full path of the file or folder that a text names; None where there is none.

    In full, since Arrow and pandas take 'http:/x' or 'raster:/x' for an address.
    """
    try:
        path = Path(text).expanduser()
        return path.absolute() if text and path.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, a stranger's home, not a path at all
        return None


def parse(text: str, kinds: Collection[str], plain: str) -> Spec:
    """Read a source as it was asked for.

    kinds : the kinds known for the part
    plain : the kind that a bare path means
    """
    address, _, fragment = text.strip().partition("#")
    kind, colon, where = address.partition(":")
    if not address:
        raise BadInput(f"The source '{text}' is empty; give a file or one of {_listed(kinds)}.")
    if kind in kinds:
        return Spec(kind, where, _options(text, fragment))
    if on_disk(address) is not None:
        return Spec(plain, address, _options(text, fragment))
    if colon and not where.startswith("//"):
        raise BadInput(f"There is no source '{kind}' here; there are {_listed(kinds)}.")
    if colon:
        raise BadInput(
            f"The address '{address}' does not say what it is; write one of {_listed(kinds)} and "
            "a colon before it."
        )
    raise BadInput(f"There is no file '{address}', nor a source of that name: {_listed(kinds)}.")


def _options(text: str, fragment: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in filter(None, fragment.split("&")):
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"In '{text}' the option '{pair}' is not name=value.")
        options[name] = unquote(value)
    return options


def _listed(kinds: Collection[str]) -> str:
    return ", ".join(sorted(kinds))
