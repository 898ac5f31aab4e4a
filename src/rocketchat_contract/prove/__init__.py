"""The proof: which wrong servers the suite catches, and which right ones it lets pass."""
