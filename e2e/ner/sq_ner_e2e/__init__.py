"""The pipeline with a NER service, as real processes on the loopback interface."""
