"""JSON from outside, checked while it is read: what comes out has the types that were asked for.

The ground under every reader of JSON. A document that is nested too deep, holds half a character,
lacks a setting or has one of another type or name is refused with one sentence.
"""

from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import pydantic
import pydantic_core

from netspatial.errors import BadInput, reason

Kind = TypeVar("Kind")


def read_json(path: Path, kind: type[Kind]) -> Kind:
    """Return what a JSON file holds, as `kind`: a dataclass, a typed dict or any other type."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"'{path}' cannot be read: {reason(error)}.") from error
    return from_json(content, kind, f"'{path}'")


def from_json(content: bytes | str, kind: type[Kind], source: str) -> Kind:
    """Return what JSON text holds, as `kind`; `source` names it in a sentence."""
    try:
        document = pydantic_core.from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise BadInput(f"{source} is not valid JSON: {reason(error)}.") from error
    return as_kind(document, kind, source)


def as_kind(document: object, kind: type[Kind], source: str) -> Kind:
    """Return parsed JSON as `kind`: nothing is missing, unknown, of another type or not finite."""
    try:
        text = pydantic_core.to_json({"value": document})
        checked: Any = _model(cast("Hashable", kind)).model_validate_json(text)
    except pydantic.ValidationError as error:
        raise BadInput(f"{source} is not valid: {problem(error)}.") from error
    return cast("Kind", checked.value)


def problem(error: pydantic.ValidationError) -> str:
    """Return the first thing that is wrong as the end of a sentence: where, and what."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"] if step != "value")
    message = first["msg"].removeprefix("Value error, ").strip() or "is not valid"
    message = message.splitlines()[0].rstrip(".")
    return f"{place}: {message}" if place else message


@lru_cache
def _model(kind: Hashable) -> type[pydantic.BaseModel]:
    """A model around the type: its rules hold for the plain dataclasses within, too."""
    rules = pydantic.ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=False
    )
    value = (cast("type[Any]", kind), ...)
    made: Any = pydantic.create_model("Checked", __config__=rules, value=value)
    return cast("type[pydantic.BaseModel]", made)
