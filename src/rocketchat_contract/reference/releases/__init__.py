"""Releases of Rocket.Chat as their own code was measured to behave, each held to the calls that were measured."""
