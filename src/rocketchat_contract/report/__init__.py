"""How a result is shown: pure functions from the result of a run to text."""
