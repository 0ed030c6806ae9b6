"""Images by tools that are not ours, and the pipeline from images."""
