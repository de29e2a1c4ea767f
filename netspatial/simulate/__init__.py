"""A procedural city with domain randomisation: for trying everything, labelled as simulated."""

from netspatial.simulate.simulation import Progress, simulate

__all__ = ["Progress", "simulate"]
