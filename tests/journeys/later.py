"""The portal under a clock that can be put forward: served by a real server, in its own process."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

_real = timezone.now
_CLOCK = Path(os.environ["DAYS_AHEAD_FILE"])


def _later() -> datetime:
    return _real() + timedelta(days=float(_CLOCK.read_text()))


# Set before the application is loaded: every door asks this one clock.
timezone.now = _later

from licensing_portal.wsgi import application  # noqa: E402

__all__ = ["application"]
