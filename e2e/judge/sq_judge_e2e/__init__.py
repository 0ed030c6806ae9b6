"""The judge that asks a model: faults, kills, kept answers and attacks, against the stand-in."""
