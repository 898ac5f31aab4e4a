"""One live run: from a configuration to a finished session."""
