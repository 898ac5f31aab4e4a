"""The one home of the server's own words, as the suite reads and sends them; the reference server keeps its own."""
