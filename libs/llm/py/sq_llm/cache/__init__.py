"""Where answers are kept: object storage, a file of SQLite, or Redis.

A place holds named entries and knows nothing about them. `Entries` seals what it puts there, so that it notices an
entry that is damaged or stands under another's name.
"""

from sq_llm.cache.entries import Entries
from sq_llm.cache.opened import place_at
from sq_llm.cache.place import Found, Objects, Place
from sq_llm.cache.tally import Tally

__all__ = ["Entries", "Found", "Objects", "Place", "Tally", "place_at"]
