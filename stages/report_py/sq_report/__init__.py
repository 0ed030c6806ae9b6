"""The report on a market: measures, root causes, the ranking of failure classes, and the page."""
