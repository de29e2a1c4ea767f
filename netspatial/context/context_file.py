"""Context embeddings as a Parquet file, one row per place.

Columns: id, z (list of d numbers), available modalities, summary of POIs, comparison with the city
(list), lon, lat. The metadata hold the model's fingerprint, the city and its provenance.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from netspatial.context.embed import Context
from netspatial.disk import atomic_file
from netspatial.errors import BadInput, NetSpatialError, reason

METADATA = b"netspatial_context"
OWN_COLUMNS = ("id", "z", "has_image", "has_pois", "relative", "lon", "lat")
"""Columns that are not part of the summary."""


def write_context(context: Context, path: Path, city: str, provenance: str) -> None:
    """Write embeddings of places of `city`; `provenance` is that of the city's data.

    Parameters
    ----------
    context : Context
        Embeddings of n places.
    path : Path
        Parquet file, one row per place.
    city : str
        Name of the city.
    provenance : str
        "measured", "simulated" or "generated".
    """
    d = context.embedding.shape[1]
    columns: dict[str, pa.Array] = {
        "id": pa.array(context.ids.tolist()),
        "z": pa.FixedSizeListArray.from_arrays(pa.array(context.embedding.ravel()), d),
        "has_image": pa.array(context.has_image),
        "has_pois": pa.array(context.has_pois),
    }
    if context.relative is not None:
        width = context.relative.shape[1]
        flat = pa.array(context.relative.ravel())
        columns["relative"] = pa.FixedSizeListArray.from_arrays(flat, width)
    if context.lonlat is not None:
        columns["lon"], columns["lat"] = map(pa.array, context.lonlat.T)
    for name in context.summary.columns:
        columns[str(name)] = pa.array(context.summary[name].to_numpy())
    metadata = {"fingerprint": context.fingerprint, "city": city, "provenance": provenance}
    table = pa.table(columns).replace_schema_metadata({METADATA: json.dumps(metadata).encode()})
    with atomic_file(path) as draft:
        pq.write_table(table, draft)


def read_context(path: Path) -> Context:
    """Read embeddings that `write_context` wrote.

    Parameters
    ----------
    path : Path
        Parquet file.

    Returns
    -------
    Context
        Embeddings of the places.

    Raises
    ------
    BadInput
        If the file holds no context embeddings.
    """
    try:
        return _context(path)
    except (NetSpatialError, MemoryError):
        raise
    except Exception as error:  # Arrow answers damage with errors of any kind
        raise BadInput(f"{path} does not hold embeddings to be read: {reason(error)}.") from error


def _context(path: Path) -> Context:
    table = pq.read_table(path.absolute())  # 'http:/x' would be taken for an address
    metadata = (table.schema.metadata or {}).get(METADATA)
    if metadata is None:
        raise BadInput(
            f"{path} does not hold context embeddings; give a file that `netspatial embed` wrote."
        )
    ids = np.array(table["id"].to_pylist(), dtype=np.str_)
    z = table["z"].combine_chunks()
    relative = None
    if "relative" in table.column_names:
        flat = table["relative"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        relative = flat.reshape(len(table), -1)
    lonlat = None
    if "lon" in table.column_names:
        lonlat = np.column_stack([table[name].to_numpy() for name in ("lon", "lat")])
    rest = [name for name in table.column_names if name not in OWN_COLUMNS]
    return Context(
        embedding=z.flatten().to_numpy().reshape(len(table), -1),
        ids=ids,
        fingerprint=str(json.loads(metadata)["fingerprint"]),
        has_image=table["has_image"].to_numpy(),
        has_pois=table["has_pois"].to_numpy(),
        summary=pd.DataFrame(
            {name: table[name].to_numpy() for name in rest}, index=pd.Index(ids, name="id")
        ),
        relative=relative,
        lonlat=lonlat,
    )
