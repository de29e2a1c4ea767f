"""NetSpatial: what traffic would a base station carry here, and what should we do about it?"""

__version__ = "0.1.0"
