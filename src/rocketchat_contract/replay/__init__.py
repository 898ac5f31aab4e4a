"""Named calls of a real server, sent again to an edition of the reference server, and how the answers differ."""
