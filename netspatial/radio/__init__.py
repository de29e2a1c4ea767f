"""Radio coverage as pure functions: path loss, shadowing, antennas, SINR and the service graph.

Everything here is physics over arrays, with units; traffic and decisions are in later packages.
"""
