"""The stages of the pipeline judge-training. Each is a program with a contract beside it; all are in one image."""
