"""Cache of loaded models, so that a worker loads each folder once.

A folder with changed content is loaded again; at most two models of a kind are cached.
"""

from functools import lru_cache
from pathlib import Path

from netspatial.content import content_hash
from netspatial.context.embed import DEFAULT as DEFAULT_CONTEXT
from netspatial.context.embed import ContextModel, load_context
from netspatial.generate.generator import DEFAULT as DEFAULT_GENERATOR
from netspatial.generate.generator import Generator

KEPT = 2


def warm_generator(folder: str | None = None, device: str = "cpu") -> Generator:
    """Return the generator of a folder, or the bundled one, from the cache."""
    path = DEFAULT_GENERATOR if folder is None else Path(folder)
    return _generator(path, content_hash(path), device)


def warm_context(folder: str | None = None) -> ContextModel:
    """Return the context model of a folder, or the bundled one, from the cache."""
    path = DEFAULT_CONTEXT if folder is None else Path(folder)
    return _context(path, content_hash(path))


@lru_cache(maxsize=KEPT)
def _generator(path: Path, content: str | None, device: str) -> Generator:  # noqa: ARG001
    return Generator.load(path, device)


@lru_cache(maxsize=KEPT)
def _context(path: Path, content: str | None) -> ContextModel:  # noqa: ARG001  part of the key
    return load_context(path)
