"""Where the command speaks to a person: stderr for what it is doing, stdout for results."""

from rich.console import Console

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)
