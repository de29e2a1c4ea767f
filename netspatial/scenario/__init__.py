"""Scenarios: named lists of changes to a city, applied in memory; its folder is never changed.

A kind of change is a class in its own file, or beside those that it shares code with, and one line
in `scenario.CHANGES`: events, for example, are added there.
"""
