"""Exchanges become one result: live, from a record, from a HAR; held against a baseline."""
