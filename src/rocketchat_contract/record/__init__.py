"""What happened: exchanges, the journal they are written to, and the masking of secrets."""
