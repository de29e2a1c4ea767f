"""Parse coordinate systems given by users and files; only horizontal ones are accepted."""

import warnings

from pyproj import CRS
from pyproj.exceptions import CRSError

from netspatial.errors import BadInput

FOREIGN = ("grids=", "+init=", "+file=")
"""Parts of a definition that would make PROJ open files of this machine."""
LONGEST = 100_000


def crs_of(definition: object, where: str) -> CRS:
    """Return the horizontal coordinate system of a text or a description.

    where : its source, as the begin of an error message
    """
    text = str(definition)
    if len(text) > LONGEST or any(word in text.lower() for word in FOREIGN):
        raise BadInput(f"{where} defines its coordinate system by other files; name a known one.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old ways of writing one
            crs = CRS.from_user_input(definition)
    except (CRSError, ValueError, TypeError, RecursionError) as error:
        raise BadInput(
            f"{where} names '{text:.60}', which is not a coordinate system; EPSG:4326 is one."
        ) from error
    return horizontal(crs, where)


def horizontal(crs: CRS, where: str) -> CRS:
    """Return the horizontal part of a coordinate system; raise where it has none."""
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (flat.is_geographic or flat.is_projected):
        raise BadInput(
            f"{where} has the coordinate system '{crs.name:.60}', which is not horizontal; use "
            "EPSG:4326 or a UTM zone."
        )
    return flat.to_2d()
