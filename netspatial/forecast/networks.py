"""The networks of this room by name, for whoever loads one; a rival's stand with the rivals."""

from netspatial.forecast.network_spec import Build
from netspatial.forecast.sim_mstnet import build_sim_mstnet

NETWORKS: dict[str, Build] = {"sim-mstnet": build_sim_mstnet}
