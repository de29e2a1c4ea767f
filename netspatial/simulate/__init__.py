"""A procedural city with domain randomisation: for trying everything, labelled as simulated."""
