"""Files that lead their reader elsewhere: to other files, to addresses, out of an archive."""

import io
import zipfile
from pathlib import Path

LAUGHS = "".join(
    f'<!ENTITY l{number} "{("&l" + str(number - 1) + ";") * 10 if number else "ha" * 50}">'
    for number in range(12)
)
"""Each entity is ten of the one before: a thousand million in all."""


def layer(secret: Path) -> bytes:
    """A virtual layer whose rows are those of another file."""
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>CSV:{secret}</SrcDataSource>'
        "<SrcLayer>secret</SrcLayer><GeometryType>wkbPoint</GeometryType>"
        '<LayerSRS>EPSG:4326</LayerSRS><GeometryField encoding="PointFromColumns" x="lon" y="lat"/>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def raster(secret: Path) -> bytes:
    """A virtual image whose pixels are those of another file."""
    band = (
        '<VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>'
        f"{secret}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
    )
    return (
        '<VRTDataset rasterXSize="9" rasterYSize="9"><SRS>EPSG:32632</SRS>'
        f"<GeoTransform>514000,10,0,5033000,0,-10</GeoTransform>{band}</VRTDataset>"
    ).encode()


def archive(*members: tuple[str, bytes]) -> bytes:
    """A zip of these names and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


def linked(secret: Path) -> bytes:
    """A zip with a symbolic link, which some unpackers follow."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        link = zipfile.ZipInfo("x.shp")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        file.writestr(link, str(secret))
    return out.getvalue()


def laughs(root: str) -> bytes:
    """Markup whose entities multiply."""
    return f"<?xml version='1.0'?><!DOCTYPE x [{LAUGHS}]><{root}>&l11;</{root}>".encode()


def entity(secret: Path, root: str) -> bytes:
    """Markup whose entity is another file."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
        f"<{root}><Document><Placemark><name>&e;</name></Placemark></Document></{root}>"
    ).encode()
