"""What both faces say, ask and write about a run: the command line and the pytest plugin stand above it."""
