"""A contract test suite for Rocket.Chat's ``GET /api/v1/livechat/room``."""

__version__ = "0.1.0"
