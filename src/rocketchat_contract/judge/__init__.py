"""Does this history keep the contract? Pure functions of a record; nothing here sends a request."""
