"""Generation of hourly traffic ensembles from context embeddings by hierarchical flow matching.

Used by `plan` and `operate`; the entry point is `generator.Generator`.
"""
