"""Checks images with tools of other projects, and runs the pipeline from images."""
