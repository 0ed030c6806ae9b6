"""Checks over the Chorus catalogue: real products, real queries, and judgments by people."""
