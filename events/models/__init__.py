"""The rows of the trail, the notices that people are owed, and how far jobs have come."""

from events.models.event import (
    AppendOnly,
    CurrentTransaction,
    Event,
    EventManager,
    EventQuerySet,
    PersonKey,
)
from events.models.mark import Mark
from events.models.notice import Notice, NoticeQuerySet, NoticeState

__all__ = [
    "AppendOnly",
    "CurrentTransaction",
    "Event",
    "EventManager",
    "EventQuerySet",
    "Mark",
    "Notice",
    "NoticeQuerySet",
    "NoticeState",
    "PersonKey",
]
