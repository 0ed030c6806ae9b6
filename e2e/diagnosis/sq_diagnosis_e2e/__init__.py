"""Search engines with one thing broken each, and whether the diagnosis names it."""
