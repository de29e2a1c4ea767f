"""Peer methods: one readable file each, on the same contract as ours."""
