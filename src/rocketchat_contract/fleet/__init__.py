"""Many deployments judged as one fleet: each by its own run in its own process, told in one report."""

DEPLOYMENTS = "deployments"
"""The folder below a fleet's own in which each deployment has one."""
