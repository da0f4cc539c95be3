"""Log lines: JSON with the request's id in production, one readable line under DEBUG."""

import json
import logging
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

# What the formatter writes anyhow, and the request, whose text is its path.
_NOT_EXTRA = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "request",
}


class JsonFormatter(logging.Formatter):
    """One JSON object a line; what a caller passes as `extra` becomes members of it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({key: value for key, value in vars(record).items() if key not in _NOT_EXTRA})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class WithoutPath(logging.Filter):
    """Keeps the traceback of an unhandled exception, and drops the path before it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "Unhandled exception", ()
        return True


class OnlyReason(logging.Filter):
    """Keeps why a form was refused, and drops the path behind it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "Forbidden (%s)", tuple(record.args or ())[:1]
        return True


def configuration(level: str, *, readable: bool) -> dict[str, Any]:
    """Give the LOGGING setting."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "without_path": {"()": WithoutPath},
            "only_reason": {"()": OnlyReason},
        },
        "formatters": {
            "json": {"()": JsonFormatter},
            "readable": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "readable" if readable else "json",
            },
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own lines hold the path, and a path may hold a licence key.
            "django.server": {"handlers": [], "propagate": False},
            "django.request": {"level": "ERROR", "filters": ["without_path"]},
            "django.security.csrf": {"filters": ["only_reason"]},
            # So does the address of a webhook, and its lines of DEBUG hold the signature as well.
            "httpcore": {"level": "WARNING"},
        },
    }
