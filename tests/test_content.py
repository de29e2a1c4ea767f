"""Hashes depend on content only: equal bytes have equal hashes, other bytes other ones."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.content import content_hash, file_sha256


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_files_share_a_hash_only_with_equal_content(tmp_path_factory, one: bytes, two: bytes):
    folder = tmp_path_factory.mktemp("files")
    for name, content in (("a", one), ("b", two)):
        (folder / name).write_bytes(content)
    assert file_sha256(folder / "a") == hashlib.sha256(one).hexdigest()
    assert (content_hash(folder / "a") == content_hash(folder / "b")) == (one == two)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "model" / "deep" / "weights").write_bytes(b"1234")
    return tmp_path / "model"


def test_the_hash_of_a_folder_does_not_depend_on_its_place(folder: Path, tmp_path: Path) -> None:
    before = content_hash(folder)
    (folder / ".lock").touch()
    assert content_hash(folder) == before
    shutil.copytree(folder, tmp_path / "copy")
    assert content_hash(tmp_path / "copy") == before
    weights = folder / "deep" / "weights"
    status = weights.stat()
    weights.write_bytes(b"1235")
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert content_hash(folder) != before


def test_a_renamed_file_changes_the_hash_of_its_folder(folder: Path) -> None:
    before = content_hash(folder)
    (folder / "config.json").rename(folder / "settings.json")
    assert content_hash(folder) != before


def test_the_hash_of_a_shapefile_includes_its_sidecar_files(tmp_path: Path) -> None:
    shapes, heights = tmp_path / "homes.shp", tmp_path / "homes.dbf"
    shapes.write_bytes(b"shapes")
    heights.write_bytes(b"12 m")
    (tmp_path / "other.dbf").write_bytes(b"of something else")
    before = content_hash(shapes)
    (tmp_path / "other.dbf").write_bytes(b"changed")
    assert content_hash(shapes) == before
    heights.write_bytes(b"13 m")
    assert content_hash(shapes) != before


def test_a_missing_file_has_no_hash(tmp_path: Path) -> None:
    assert content_hash(tmp_path / "nowhere.csv") is None
