"""A procedural city with domain randomisation: for trying everything, labelled as simulated."""

from netspatial.simulate.simulation import Progress, redrawn_traffic, simulate

__all__ = ["Progress", "redrawn_traffic", "simulate"]
