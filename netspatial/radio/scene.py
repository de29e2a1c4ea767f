"""Buildings as a scene for a ray tracer: walls and flat roofs as triangles, over a flat ground.

What `raytraced` writes for the process that traces; nothing here needs the tracer itself.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from netspatial.errors import BadInput

Floats = NDArray[np.float64]

CONCRETE_M, GROUND_M = 0.2, 1.0
"""Thickness of walls and of the ground for the tracer's materials (ITU-R P.2040)."""
MARGIN_M = 500.0
"""The ground reaches so far beyond the buildings."""
SCENE = "scene.xml"


def write_scene(folder: Path, buildings: gpd.GeoDataFrame, origin: Floats) -> Path:
    """Write a scene of `buildings` (polygons with `height_m`, metric CRS) around `origin` (2,)."""
    if "height_m" not in buildings.columns:
        raise BadInput("The buildings have no column 'height_m'; a tracer needs their heights, m.")
    walls = np.concatenate(
        [
            _prism(polygon, float(height), origin)
            for polygon, height in zip(
                buildings.geometry.explode().array,
                buildings["height_m"].repeat(buildings.geometry.map(_parts)),
                strict=True,
            )
        ]
    )
    west, south, east, north = buildings.total_bounds
    box = shapely.box(west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    _write_ply(folder / "buildings.ply", walls)
    _write_ply(folder / "ground.ply", _flat(box, 0.0, origin))
    path = folder / SCENE
    path.write_text(
        '<scene version="3.0.0">\n'
        + _material("walls", "concrete", CONCRETE_M)
        + _material("soil", "medium_dry_ground", GROUND_M)
        + _shape("buildings", "walls")
        + _shape("ground", "soil")
        + "</scene>\n"
    )
    return path


def _parts(geometry: shapely.Geometry) -> int:
    return int(shapely.get_num_geometries(geometry))


def _prism(polygon: shapely.Polygon, height: float, origin: Floats) -> Floats:
    """Triangles (k, 3, 3) of the walls and the roof."""
    sides = []
    for ring in (polygon.exterior, *polygon.interiors):
        foot = shapely.get_coordinates(ring) - origin
        a, b = foot[:-1], foot[1:]
        low, high = np.zeros((len(a), 1)), np.full((len(a), 1), height)
        corners = [np.hstack([p, z]) for p, z in ((a, low), (b, low), (b, high), (a, high))]
        sides.append(np.stack([corners[0], corners[1], corners[2]], axis=1))
        sides.append(np.stack([corners[0], corners[2], corners[3]], axis=1))
    return np.concatenate([*sides, _flat(polygon, height, origin)])


def _flat(polygon: shapely.Polygon, height: float, origin: Floats) -> Floats:
    """Triangles (k, 3, 3) that fill a polygon at one height."""
    pieces = shapely.constrained_delaunay_triangles(polygon).geoms
    flat = np.array([shapely.get_coordinates(piece)[:3] - origin for piece in pieces])
    return np.concatenate([flat, np.full((len(flat), 3, 1), height)], axis=2)


def _write_ply(path: Path, triangles: Floats) -> None:
    """Write triangles (k, 3, 3), metres, as binary PLY."""
    count = len(triangles)
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {3 * count}\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {count}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    faces = np.zeros(count, dtype=[("size", "u1"), ("corners", "<i4", 3)])
    faces["size"] = 3
    faces["corners"] = np.arange(3 * count).reshape(-1, 3)
    path.write_bytes(header.encode() + triangles.astype("<f4").tobytes() + faces.tobytes())


def _material(name: str, kind: str, thickness: float) -> str:
    return (
        f'  <bsdf type="itu-radio-material" id="{name}">\n'
        f'    <string name="type" value="{kind}"/>\n'
        f'    <float name="thickness" value="{thickness}"/>\n'
        "  </bsdf>\n"
    )


def _shape(name: str, material: str) -> str:
    return (
        f'  <shape type="ply" id="{name}">\n'
        f'    <string name="filename" value="{name}.ply"/>\n'
        '    <boolean name="face_normals" value="true"/>\n'
        f'    <ref id="{material}" name="bsdf"/>\n'
        "  </shape>\n"
    )
