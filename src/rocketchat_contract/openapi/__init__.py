"""Reading and repairing any OpenAPI page; knows nothing of one service."""
