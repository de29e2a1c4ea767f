"""On-disk cache of embeddings by the hash of the encoded content, so that nothing is encoded twice.

One SQLite file of bounded size, safe for several processes: entries are written atomically, and a
damaged entry counts as absent.
"""

import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netspatial.arrays import Floats32
from netspatial.errors import BadInput

SCHEMA = """
CREATE TABLE IF NOT EXISTS embedding (
  key BLOB PRIMARY KEY, used INTEGER NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS embedding_used ON embedding (used);
"""
PATIENCE_S = 60.0
"""Seconds that a process waits for another one's write."""
KEYS_PER_QUERY = 500
FRESH_S = 3600
"""Seconds between updates of an entry's time of use, so that reading a warm cache rarely writes."""
KEEP_SHARE = 0.8
"""Share of the limit that stays filled when old entries are dropped."""


def cache_folder() -> Path:
    """Return the cache folder: $NETSPATIAL_CACHE or the platform's folder for caches."""
    named = os.environ.get("NETSPATIAL_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "netspatial"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/netspatial"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "netspatial"


def content_key(fingerprint: str, content: bytes) -> bytes:
    """Return the key of a content and an encoder's fingerprint, 20 bytes."""
    digest = hashlib.blake2b(content, digest_size=20)
    digest.update(fingerprint.encode())
    return digest.digest()


@dataclass(frozen=True)
class EmbeddingCache:
    """Vectors by content key; least recently used ones are dropped above `limit_mb`."""

    folder: Path
    limit_mb: float = 2048.0

    def embed(
        self,
        keys: Sequence[bytes],
        dim: int,
        encode: Callable[[list[int]], Floats32],
    ) -> Floats32:
        """Return the (n, dim) vectors of `keys`, encoding only what is not cached.

        encode : called with the positions in `keys` that have to be computed, one per distinct
                 key; returns their vectors
        """
        try:
            return self._embed(keys, dim, encode)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, full or read-only
                raise
            # the contents of a damaged file can be computed again
            self.path.unlink(missing_ok=True)
            return self._embed(keys, dim, encode)

    def _embed(
        self,
        keys: Sequence[bytes],
        dim: int,
        encode: Callable[[list[int]], Floats32],
    ) -> Floats32:
        kept = self._read(keys, dim)
        missing = {key: at for at, key in reversed(list(enumerate(keys))) if key not in kept}
        if missing:
            positions = sorted(missing.values())
            fresh = np.ascontiguousarray(encode(positions), np.float32)
            if fresh.shape != (len(positions), dim):
                raise BadInput(
                    f"The encoder returned embeddings of shape {fresh.shape}; its declared "
                    f"width calls for {(len(positions), dim)}."
                )
            computed = {keys[at]: vector for at, vector in zip(positions, fresh, strict=True)}
            self._write(computed)
            kept |= computed
        vectors = np.empty((len(keys), dim), np.float32)
        for row, key in enumerate(keys):
            vectors[row] = kept[key]
        return vectors

    @property
    def path(self) -> Path:
        """The cache file."""
        return self.folder / "embeddings.sqlite"

    def size_mb(self) -> float:
        """Return the size in use, MB."""
        with self._open() as database:
            return _used_bytes(database) / 1e6

    def _read(self, keys: Sequence[bytes], dim: int) -> dict[bytes, Floats32]:
        kept: dict[bytes, Floats32] = {}
        now = int(time.time())
        stale: list[tuple[int, bytes]] = []
        wanted = list(dict.fromkeys(keys))
        with self._open() as database:
            for start in range(0, len(wanted), KEYS_PER_QUERY):
                some = wanted[start : start + KEYS_PER_QUERY]
                marks = ",".join("?" * len(some))
                rows = database.execute(
                    f"SELECT key, used, digest, vector FROM embedding WHERE key IN ({marks})",  # noqa: S608 only question marks are put in
                    some,
                )
                for key, used, digest, vector in rows:
                    if digest == _digest(key, vector) and len(vector) == 4 * dim:
                        kept[key] = np.frombuffer(vector, np.float32)
                        if used < now - FRESH_S:
                            stale.append((now, key))
            if stale:
                with database:
                    database.executemany("UPDATE embedding SET used = ? WHERE key = ?", stale)
        return kept

    def _write(self, computed: dict[bytes, Floats32]) -> None:
        now = int(time.time())
        with self._open() as database, database:
            database.executemany(
                "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?, ?)",
                (
                    (key, now, _digest(key, vector.tobytes()), vector.tobytes())
                    for key, vector in computed.items()
                ),
            )
            limit = self.limit_mb * 1e6
            used = _used_bytes(database)
            if used > limit:
                (entries,) = database.execute("SELECT COUNT(*) FROM embedding").fetchone()
                database.execute(
                    "DELETE FROM embedding WHERE key IN "
                    "(SELECT key FROM embedding ORDER BY used, rowid LIMIT ?)",
                    (int(np.ceil(entries * (1 - KEEP_SHARE * limit / used))),),
                )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=PATIENCE_S)) as database:
                database.executescript(SCHEMA)
                yield database
        except (OSError, sqlite3.OperationalError) as error:
            raise BadInput(
                f"The embedding cache '{self.path}' cannot be used ({error}); name a folder that "
                "can be written in the environment variable NETSPATIAL_CACHE."
            ) from error


def _used_bytes(database: sqlite3.Connection) -> int:
    pages, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _digest(key: bytes, vector: bytes) -> bytes:
    return hashlib.blake2b(key + vector, digest_size=8).digest()
