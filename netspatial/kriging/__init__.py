"""Kriging of traffic: level, shape and scatter of a place from measured stations around it."""
