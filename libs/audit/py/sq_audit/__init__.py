"""What a dearer judge would say of all queries, from those that it judged."""

from sq_audit.draw import Drawn, draw
from sq_audit.estimate import AuditEstimate, estimate

__all__ = ["AuditEstimate", "Drawn", "draw", "estimate"]
