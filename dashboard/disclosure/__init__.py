"""The one place where disclosure rules act: on every answer, and on every public table when a release is made."""

from dashboard.disclosure.core import Count, Shown, apply
from dashboard.disclosure.policy import EXACT, ROUNDED, Policy, Table

__all__ = ["EXACT", "ROUNDED", "Count", "Policy", "Shown", "Table", "apply"]
