"""An attack on NetSpatial by seeds: bad inputs, kills, hostile uploads, a soak.

What `netspatial bench robustness` runs. Everything happens in a temporary folder, in processes with
limits of time and memory.
"""
