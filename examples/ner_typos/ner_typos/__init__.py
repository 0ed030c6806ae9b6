"""A NER engine of a shop's own, behind sq.v1.NerService."""
