"""The rows of the trail, and the notices that people are owed."""

from events.models.event import (
    AppendOnly,
    CurrentTransaction,
    Event,
    EventManager,
    EventQuerySet,
    PersonKey,
)
from events.models.notice import Notice, NoticeQuerySet, NoticeState

__all__ = [
    "AppendOnly",
    "CurrentTransaction",
    "Event",
    "EventManager",
    "EventQuerySet",
    "Notice",
    "NoticeQuerySet",
    "NoticeState",
    "PersonKey",
]
