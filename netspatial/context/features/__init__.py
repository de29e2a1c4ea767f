"""Frozen features of places: image patches, prompts, POI counts and existing sites."""
