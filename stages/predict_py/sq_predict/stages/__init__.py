"""The stages of the pipeline judge-inference. Each is a program with a contract beside it; all are in one image."""
