"""Read and validate JSON from outside: the result has the requested type.

A document with too deep nesting, invalid characters, or a missing, unknown or wrongly typed member
raises `BadInput`.
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
    """Return the content of a JSON file as `kind`: a dataclass, a typed dict or another type."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"'{path}' cannot be read: {reason(error)}.") from error
    return from_json(content, kind, f"'{path}'")


def from_json(content: bytes | str, kind: type[Kind], source: str) -> Kind:
    """Return the content of JSON text as `kind`; `source` is its name in error messages."""
    try:
        document = pydantic_core.from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise BadInput(f"{source} is not valid JSON: {reason(error)}.") from error
    return as_kind(document, kind, source)


def as_kind(document: object, kind: type[Kind], source: str) -> Kind:
    """Return parsed JSON as `kind`; raise for missing, unknown or wrongly typed members."""
    try:
        text = pydantic_core.to_json({"value": document})
        checked: Any = _model(cast("Hashable", kind)).model_validate_json(text)
    except pydantic.ValidationError as error:
        raise BadInput(f"{source} is not valid: {problem(error)}.") from error
    return cast("Kind", checked.value)


def problem(error: pydantic.ValidationError) -> str:
    """Return the first problem as the end of a sentence: its place and what is wrong."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"] if step != "value")
    message = first["msg"].removeprefix("Value error, ").strip() or "is not valid"
    message = message.splitlines()[0].rstrip(".")
    return f"{place}: {message}" if place else message


@lru_cache
def _model(kind: Hashable) -> type[pydantic.BaseModel]:
    """A pydantic model around the type; its rules also apply to nested plain dataclasses."""
    rules = pydantic.ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=False
    )
    value = (cast("type[Any]", kind), ...)
    made: Any = pydantic.create_model("Checked", __config__=rules, value=value)
    return cast("type[pydantic.BaseModel]", made)
