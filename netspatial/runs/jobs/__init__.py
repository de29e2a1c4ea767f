"""Execution of runs: requests, manifest, stages, queue, worker and resource limits."""
