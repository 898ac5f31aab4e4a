"""How it is told: pure functions from an account of a run to text."""
