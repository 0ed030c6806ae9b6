"""The images of a release that are stages, serve them, or hold them all."""

IMAGES = ["sq-generate", "sq-retrieve", "sq-evaluate", "sq-ner-diff", "sq-report", "sq-ner", "sq-all"]
