"""NetSpatial: plan radio sites and operate base stations from what a place looks like."""

__version__ = "0.1.0"
