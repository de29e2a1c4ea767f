"""The networks of this room by name; a rival's stand with the rivals."""

from netspatial.forecast.network_spec import Build

NETWORKS: dict[str, Build] = {}
