"""What earlier runs found, as readable files: written at the end of a run, replayed at the beginning of the next."""
