"""Output for people: progress on stderr, results on stdout."""

from rich.console import Console

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)
