"""Turns a query log into the query set of a market: its searches by segment, with traffic and tags."""
