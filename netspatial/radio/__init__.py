"""Radio coverage as pure functions: path loss, shadowing, antennas, SINR, who can serve whom.

Everything here is physics over arrays, with units; traffic and decisions come later on the road.
"""
