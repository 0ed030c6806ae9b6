"""How fast a service is called: as fast as it takes calls, and no faster.

All but `Gate` is pure: it gets the time and does not wait. Pace changes when a call is made, and never whether: that is
the budget's decision, which depends on no timing.
"""

from sq_llm.pace.gate import Gate
from sq_llm.pace.policy import Pace, Told

__all__ = ["Gate", "Pace", "Told"]
