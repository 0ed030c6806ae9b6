"""The main job over the sample shop, with its own search service: no key, cluster or account."""
