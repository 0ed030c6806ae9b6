"""The pipeline with a NER service: real processes on the loopback interface."""
