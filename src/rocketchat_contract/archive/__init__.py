"""Runs kept on disk: history, diff, prune, bundle."""

DEPLOYMENTS = "deployments"
"""The folder below a fleet's own in which each deployment has one."""
