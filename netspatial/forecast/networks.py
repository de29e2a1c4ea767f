"""The networks of this room by name, and Sim-MSTNet in its published and in our form.

A rival's network stands with the rivals.
"""

from netspatial.forecast.network_spec import Build
from netspatial.forecast.sim_mstnet import build_sim_mstnet

NETWORKS: dict[str, Build] = {"sim-mstnet": build_sim_mstnet}
