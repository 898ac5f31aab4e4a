"""Files that somebody else may have written: read within bounds, refused by name."""
