"""Forecasting networks by name, for loading; those of the baselines are in `baselines`."""

from netspatial.forecast.network_spec import Build
from netspatial.forecast.sim_mstnet import build_sim_mstnet

NETWORKS: dict[str, Build] = {"sim-mstnet": build_sim_mstnet}
