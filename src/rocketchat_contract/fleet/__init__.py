"""Many deployments judged as one fleet: each by its own run in its own process, told in one report."""
