"""How secrets are found in a text, each way in a module of its own; ``record.mask`` puts them together."""
