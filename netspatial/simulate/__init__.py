"""A procedural city with domain randomisation: for trying everything, labelled as simulated."""

from netspatial.progress import Progress
from netspatial.simulate.simulation import redrawn_traffic, simulate

__all__ = ["Progress", "redrawn_traffic", "simulate"]
