"""Buildings as a scene for a ray tracer: walls and flat roofs as triangles, over a flat ground.

`raytraced` writes it for the process that traces; nothing here needs the tracer itself.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from netspatial.arrays import Floats
from netspatial.errors import BadInput
from netspatial.radio.tracer import SCENE

WALLS = ("concrete", "brick", "wood", "glass", "marble", "metal")
GROUNDS = ("very_dry_ground", "medium_dry_ground", "wet_ground")
GROUND_M = 1.0
"""Thickness of the ground for the tracer."""
MARGIN_M = 500.0
"""Margin of the ground beyond the buildings."""


@dataclass(frozen=True)
class Materials:
    """Materials of a scene, by the names of ITU-R P.2040.

    Attributes
    ----------
    wall : str
        One of `WALLS`, for walls and roofs.
    wall_m : float
        Its thickness, m.
    ground : str
        One of `GROUNDS`.

    Raises
    ------
    BadInput
        If there is no such material, or the thickness is not above 0.
    """

    wall: str = "concrete"
    wall_m: float = 0.2
    ground: str = "medium_dry_ground"

    def __post_init__(self) -> None:
        for name, known in ((self.wall, WALLS), (self.ground, GROUNDS)):
            if name not in known:
                raise BadInput(f"There is no material '{name}'; use one of {', '.join(known)}.")
        if not self.wall_m > 0:
            raise BadInput(f"Walls are {self.wall_m:g} m thick; above 0 m would be right.")


def write_scene(
    folder: Path, buildings: gpd.GeoDataFrame, origin: Floats, materials: Materials
) -> Path:
    """Write a scene of buildings around an origin.

    Parameters
    ----------
    folder : Path
        Folder to write to.
    buildings : GeoDataFrame
        Polygons with `height_m` in a metric CRS.
    origin : array (2,)
        Origin of the scene in the same CRS, m.
    materials : Materials
        Of walls, roofs and ground.

    Returns
    -------
    Path
        The scene's file.

    Raises
    ------
    BadInput
        If the buildings have no heights.
    """
    if "height_m" not in buildings.columns:
        raise BadInput("The buildings have no column 'height_m'; a tracer needs their heights, m.")
    bodies = [
        _prism(polygon, float(height), origin)
        for polygon, height in zip(
            shapely.orient_polygons(buildings.geometry.explode().array),
            buildings["height_m"].repeat(buildings.geometry.map(_parts)),
            strict=True,
        )
    ]
    west, south, east, north = buildings.total_bounds
    box = shapely.box(west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    _write_ply(folder / "buildings.ply", bodies)
    _write_ply(folder / "ground.ply", [_flat(box, 0.0, origin)])
    path = folder / SCENE
    path.write_text(
        '<scene version="3.0.0">\n'
        + _material("walls", materials.wall, materials.wall_m)
        + _material("soil", materials.ground, GROUND_M)
        + _shape("buildings", "walls")
        + _shape("ground", "soil")
        + "</scene>\n"
    )
    return path


def _parts(geometry: shapely.Geometry) -> int:
    return int(shapely.get_num_geometries(geometry))


def _prism(polygon: shapely.Polygon, height: float, origin: Floats) -> Floats:
    """Triangles (k, 3, 3) of the walls and the roof, seen anticlockwise from outside.

    polygon : its outer ring anticlockwise, the others clockwise
    """
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
    """Triangles (k, 3, 3) that fill a polygon at one height, anticlockwise from above."""
    pieces = shapely.orient_polygons(
        shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
    )
    flat = np.array([shapely.get_coordinates(piece)[:3] - origin for piece in pieces])
    return np.concatenate([flat, np.full((len(flat), 3, 1), height)], axis=2)


def _write_ply(path: Path, bodies: list[Floats]) -> None:
    """Write bodies, each of triangles (k, 3, 3) in metres, as binary PLY.

    The triangles of a body share their corners and their orientation: so the tracer finds the edges
    between them, over which waves are diffracted.
    """
    corners, faces, count = [], [], 0
    for body in bodies:
        own, index = np.unique(body.reshape(-1, 3), axis=0, return_inverse=True)
        corners.append(own)
        faces.append(index.reshape(-1, 3) + count)
        count += len(own)
    vertices, triangles = np.concatenate(corners), np.concatenate(faces)
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {count}\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {len(triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    listed = np.zeros(len(triangles), dtype=[("size", "u1"), ("corners", "<i4", 3)])
    listed["size"] = 3
    listed["corners"] = triangles
    path.write_bytes(header.encode() + vertices.astype("<f4").tobytes() + listed.tobytes())


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
