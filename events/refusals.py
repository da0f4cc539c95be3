"""The one exception by which a rule says no."""

from collections.abc import Iterable, Mapping
from typing import Any


class Refusal(Exception):
    """
    A rule said no.

    `code` is stable and belongs to the rule that raised it; `details` are told to the caller, so
    they never hold a secret. What each code means over HTTP is settled in one table elsewhere.
    """

    def __init__(self, code: str, message: str = "", /, **details: Any) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.details = details


def invalid(**fields: str | list[str]) -> Refusal:
    """Return the refusal of a body whose named fields hold impossible values."""
    details: dict[str, Any] = {
        name: [text] if isinstance(text, str) else text for name, text in fields.items()
    }
    return Refusal("VALIDATION_ERROR", **details)


def faults(messages: Mapping[str, Iterable[object]]) -> dict[str, list[str]]:
    """Return what models say of their fields as `invalid` takes it, the row as a whole included."""
    return {
        "non_field_errors" if name == "__all__" else name: [str(text) for text in texts]
        for name, texts in messages.items()
    }
