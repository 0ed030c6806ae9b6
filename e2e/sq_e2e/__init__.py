"""End-to-end checks against real servers of this machine."""
