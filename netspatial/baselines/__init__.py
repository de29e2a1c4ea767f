"""Baseline methods, one file each, with the same contract as ours."""
