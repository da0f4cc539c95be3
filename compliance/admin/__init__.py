"""The admin of what was noticed."""

from accounts.admin import events
from compliance.admin import incidents
from compliance.selectors.incidents import SENTENCES

__all__ = ["incidents"]

events.TYPES.update(SENTENCES)
