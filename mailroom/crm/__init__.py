"""Connectors to case systems: one file each; the built-in one needs nothing else."""
