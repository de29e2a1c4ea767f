"""Metrics and the benchmarks that print tables."""
