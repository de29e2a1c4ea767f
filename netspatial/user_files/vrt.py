"""Mosaics (VRT) named on the command line: read by us first, of local GeoTIFFs and nothing else.

A VRT can name any file and any address, and compute pixels by code; only the plain mosaic that
`gdalbuildvrt` writes is let through. Uploads are never VRTs.
"""

from pathlib import Path
from xml.etree import ElementTree as ET

from netspatial.errors import BadInput, reason
from netspatial.user_files.content import BEGINS, FOREIGN, HEAD

PLAIN = frozenset(
    {
        "VRTDataset",
        "SRS",
        "GeoTransform",
        "VRTRasterBand",
        "NoDataValue",
        "ColorInterp",
        "BlockXSize",
        "BlockYSize",
        "OverviewList",
        "MaskBand",
        "Description",
        "HideNoDataValue",
        "SimpleSource",
        "ComplexSource",
        "AveragedSource",
        "NoDataFromMaskSource",
        "SourceFilename",
        "SourceBand",
        "SourceProperties",
        "SrcRect",
        "DstRect",
        "NODATA",
        "ScaleOffset",
        "ScaleRatio",
        "SrcMin",
        "SrcMax",
        "DstMin",
        "DstMax",
        "UseMaskBand",
        "Metadata",
        "MDI",
        "ColorTable",
        "Entry",
        "CategoryNames",
        "Category",
        "Offset",
        "Scale",
        "UnitType",
        "Histograms",
        "HistItem",
        "HistMin",
        "HistMax",
        "BucketCount",
        "IncludeOutOfRange",
        "Approximate",
        "HistCounts",
    }
)
"""The elements of a mosaic."""
MAX_BYTES = 50_000_000
MAX_SOURCES = 20_000


def mosaic_sources(path: Path) -> list[Path]:
    """Return the GeoTIFFs that a plain mosaic consists of; raise where a VRT is anything else."""
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(
            f"'{path.name}' holds more than {MAX_BYTES / 1e6:.0f} MB, too much for a VRT."
        )
    content = path.read_bytes()
    if any(word in content.lower() for word in FOREIGN):
        raise BadInput(f"'{path.name}' is no plain mosaic; write it with gdalbuildvrt.")
    try:
        root = ET.fromstring(content)  # noqa: S314  no entities, as just seen
    except (ET.ParseError, ValueError) as error:
        raise BadInput(f"'{path.name}' is no VRT that can be read: {reason(error)}.") from error
    parts = list(root.iter())
    strange = next((part for part in parts if not _is_plain(part)), None)
    if root.tag != "VRTDataset" or strange is not None:
        named = root.tag if strange is None else strange.tag
        raise BadInput(
            f"'{path.name}' is no plain mosaic, it holds '{named:.60}'; write it with gdalbuildvrt."
        )
    sources = {_source(part, path) for part in parts if part.tag == "SourceFilename"}
    if len(sources) > MAX_SOURCES:
        raise BadInput(
            f"'{path.name}' names {len(sources):,} files, more than the limit of {MAX_SOURCES:,}; "
            "make one image of them."
        )
    for source in sources:
        _check_source(source, path)
    return sorted(sources)


def _is_plain(part: ET.Element) -> bool:
    """Tell whether an element is one of a mosaic: no code, no raw bytes, no metadata of others."""
    domain = part.get("domain", "IMAGE_STRUCTURE")
    return part.tag in PLAIN and "subClass" not in part.attrib and domain == "IMAGE_STRUCTURE"


def _source(part: ET.Element, path: Path) -> Path:
    named = Path((part.text or "").strip())
    return path.absolute().parent / named if part.get("relativeToVRT") == "1" else named


def _check_source(source: Path, path: Path) -> None:
    """Raise unless GDAL can only take a source for a GeoTIFF on this disk."""
    text = source.as_posix()
    if not source.is_absolute() or "/vsi" in text or not source.is_file():
        raise BadInput(
            f"'{path.name}' names '{text:.200}', which is no file of this machine; name GeoTIFFs "
            "by their whole path or relative to the VRT."
        )
    with source.open("rb") as file:
        head = file.read(HEAD)
    if not head.startswith(BEGINS["tif"]) or b"<VRTDataset" in head:
        raise BadInput(f"'{path.name}' names '{source.name}', which is no GeoTIFF.")
