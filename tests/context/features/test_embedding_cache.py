import multiprocessing
import sqlite3

import numpy as np
import pytest

from netspatial.context.features.embedding_cache import EmbeddingCache, cache_folder, content_key
from netspatial.errors import BadInput

DIM = 8


class Encoder:
    """Records what it encodes; the vector of entry i is filled with i."""

    def __init__(self):
        self.seen = []

    def __call__(self, positions):
        self.seen += positions
        return np.repeat(np.array(positions, np.float32)[:, None], DIM, axis=1)


def keys_of(*words):
    return [content_key("encoder", word.encode()) for word in words]


def test_each_content_is_encoded_once_and_returned_in_order(tmp_path):
    cache, encoder = EmbeddingCache(tmp_path), Encoder()
    first = cache.embed(keys_of("b", "a", "b"), DIM, encoder)
    again = cache.embed(keys_of("a", "b"), DIM, encoder)
    assert encoder.seen == [0, 1]
    np.testing.assert_array_equal(first[:, 0], [0, 1, 0])
    np.testing.assert_array_equal(again[:, 0], [1, 0])


def test_the_key_depends_on_the_encoder():
    assert content_key("one", b"text") != content_key("two", b"text")


def test_a_damaged_entry_is_computed_again(tmp_path):
    cache, encoder = EmbeddingCache(tmp_path), Encoder()
    cache.embed(keys_of("a", "b"), DIM, encoder)
    with sqlite3.connect(cache.path) as database:
        (vector,) = database.execute("SELECT vector FROM embedding LIMIT 1").fetchone()
        database.execute(
            "UPDATE embedding SET vector = ? WHERE vector = ?", (vector[:-1] + b"!", vector)
        )
    database.close()
    encoder.seen.clear()
    np.testing.assert_array_equal(cache.embed(keys_of("a", "b"), DIM, encoder)[:, 0], [0, 1])
    assert len(encoder.seen) == 1


def test_an_entry_of_another_width_is_computed_again(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.embed(keys_of("a"), 2, lambda at: np.zeros((len(at), 2), np.float32))
    assert cache.embed(keys_of("a"), DIM, Encoder()).shape == (1, DIM)


def test_a_damaged_file_is_replaced(tmp_path):
    cache, encoder = EmbeddingCache(tmp_path), Encoder()
    cache.embed(keys_of("a"), DIM, encoder)
    cache.path.write_bytes(b"this is no database " * 500)
    assert cache.embed(keys_of("a"), DIM, encoder).shape == (1, DIM)
    assert encoder.seen == [0, 0]


def test_the_size_is_bounded_and_the_least_recently_used_are_dropped(tmp_path):
    cache, encoder = EmbeddingCache(tmp_path, limit_mb=0.5), Encoder()
    dim = 1000

    def encode(positions):
        return np.zeros((len(positions), dim), np.float32)

    for batch in range(10):
        cache.embed(keys_of(*(f"{batch}-{i}" for i in range(30))), dim, encode)
        assert cache.size_mb() <= 0.5

    def count(positions):
        encoder.seen += positions
        return encode(positions)

    cache.embed(keys_of("9-29"), dim, count)
    assert encoder.seen == []
    cache.embed(keys_of("0-0"), dim, count)
    assert encoder.seen == [0]


def test_a_failed_encoding_is_not_cached(tmp_path):
    cache, encoder = EmbeddingCache(tmp_path), Encoder()

    def fail(_):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.embed(keys_of("a"), DIM, fail)
    cache.embed(keys_of("a"), DIM, encoder)
    assert encoder.seen == [0]


def test_an_encoder_of_the_wrong_width_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"shape \(1, 3\).*width calls for \(1, 8\)"):
        EmbeddingCache(tmp_path).embed(keys_of("a"), DIM, lambda _: np.zeros((1, 3), np.float32))


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="NETSPATIAL_CACHE"):
        EmbeddingCache(tmp_path / "file").embed(keys_of("a"), DIM, Encoder())


def _work(folder, seed):
    words = [f"w{(seed * 7 + i) % 60}" for i in range(40)]
    keys = keys_of(*words)
    cache = EmbeddingCache(folder)
    for start in range(0, 40, 5):
        some = words[start : start + 5]
        vectors = cache.embed(
            keys[start : start + 5],
            DIM,
            lambda at, some=some: np.array([[float(some[i][1:])] * DIM for i in at], np.float32),
        )
        if list(vectors[:, 0]) != [float(word[1:]) for word in some]:
            raise AssertionError(some)


def test_several_processes_can_share_the_cache(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(tmp_path, seed)) for seed in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]


def test_the_environment_sets_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("NETSPATIAL_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
