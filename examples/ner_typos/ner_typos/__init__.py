"""A shop's own NER engine, served as sq.v1.NerService."""
