"""A fashion shop that does not exist, with everything sq needs of one: catalogue, index, query log, glossary."""
