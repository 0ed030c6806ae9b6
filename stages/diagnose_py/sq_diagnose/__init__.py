"""Makes probes of a query set: changes to its queries, to be tried on the live engine."""
