"""Turns a query log into the query set of a market: what people search for, by segment, with traffic and tags."""
