"""A source as one string: `kind:where#option=value&option=value`.

Value of `--imagery`, `--pois`, `--landuse`, `--stations` and `--traffic`. The options take the
place of a URL's fragment, which is never sent to a server.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from netspatial.errors import BadInput


@dataclass(frozen=True)
class Spec:
    """One source: its kind, a path or an address, and its options.

    Attributes
    ----------
    kind : str
        Kind of source, for example "xyz".
    where : str
        Path or address.
    options : dict of str
        Options by name.
    """

    kind: str
    where: str
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the source as one string."""
        options = "&".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.kind}:{self.where}" + (f"#{options}" if options else "")

    def take(self, known: Collection[str]) -> dict[str, str]:
        """Return the options; raise where this kind does not have one of them.

        Parameters
        ----------
        known : collection of str
            Names of the options of this kind.

        Returns
        -------
        dict of str
            The given options.

        Raises
        ------
        BadInput
            If an option is unknown.
        """
        for name in self.options:
            if name not in known:
                raise BadInput(
                    f"The source '{self.kind}' has no option '{name}'; "
                    f"its options are {', '.join(sorted(known))}."
                )
        return self.options

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """Return an option that is a number between `low` and `high`.

        Parameters
        ----------
        name : str
            Name of the option.
        default : float
            Value where the option is not given.
        low, high : float
            Smallest and largest value.

        Returns
        -------
        float
            The number.

        Raises
        ------
        BadInput
            If it is no number in the range.

        Examples
        --------
        >>> Spec("xyz", "tiles", {"zoom": "16"}).number("zoom", 10, 0, 22)
        16.0
        """
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
        """Return the path of the file; raise where it does not exist.

        Returns
        -------
        Path
            Absolute path.

        Raises
        ------
        BadInput
            If there is no such file.
        """
        path = on_disk(self.where)
        if path is None or not path.is_file():
            raise BadInput(f"There is no file '{self.where}' for the source '{self.kind}'.")
        return path


def on_disk(text: str) -> Path | None:
    """Return the full path of an existing file or folder; None where there is none.

    In full, because Arrow and pandas take 'http:/x' or 'raster:/x' for an address.
    """
    try:
        path = Path(text).expanduser()
        return path.absolute() if text and path.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, home of an unknown user, not a path
        return None


def parse(text: str, kinds: Collection[str], plain: str) -> Spec:
    """Parse the string of a source.

    Parameters
    ----------
    text : str
        `kind:where#option=value&option=value`, or a path.
    kinds : collection of str
        The kinds of the part.
    plain : str
        The kind of a bare path.

    Returns
    -------
    Spec
        Kind, place and options.

    Raises
    ------
    BadInput
        If the text is empty, or no such kind or file exists.

    Examples
    --------
    >>> parse("xyz:https://tiles.example/{z}/{x}/{y}.png#zoom=16", ["xyz"], "geotiff").options
    {'zoom': '16'}
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
        raise BadInput(f"There is no source '{kind}' here; use one of {_listed(kinds)}.")
    if colon:
        raise BadInput(
            f"The address '{address}' has no kind of source; write one of {_listed(kinds)} and a "
            "colon before it."
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
