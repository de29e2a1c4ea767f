"""From what a place looks like to an ensemble of its traffic: hierarchical flow matching.

Stands between `context` and `plan`/`operate`. Begin at `generator.Generator`.
"""
