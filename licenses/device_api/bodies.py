"""Reading what strangers send: bounded in size, depth and numbers before anything believes it."""

import re
from typing import Any, TypeVar

import msgspec

from events.refusals import Refusal, invalid

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
_INT64 = range(-(2**63), 2**63)

_Payload = TypeVar("_Payload", bound=msgspec.Struct)
_AT = re.compile(r"^(?P<problem>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
# What only few bodies hold, and what then has to be looked at closely.
_NUL = b"\\u0000"
_LONG_NUMBER = re.compile(rb"\d{19}")


def decode(stream: Any, length: int, payload: type[_Payload]) -> _Payload:
    """
    Return the payload in a body.

    :raises BODY_TOO_LARGE: if it is longer than a device has reason to send
    :raises MALFORMED_JSON: if it is no JSON
    :raises VALIDATION_ERROR: if it is no object, or a field is missing, wrong or beyond
        reason: 32 levels deep, an integer beyond 64 bits, a NUL in a string
    """
    if length > MAX_BYTES:
        raise Refusal("BODY_TOO_LARGE", max_bytes=MAX_BYTES)
    raw = stream.read(length)
    try:
        _check_nesting(raw)
        if _NUL in raw or _LONG_NUMBER.search(raw):
            _check_values(msgspec.json.decode(raw))
        return _decoder(payload).decode(raw)
    except msgspec.ValidationError as error:
        raise _named(error) from None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise Refusal("MALFORMED_JSON") from None


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(payload: type[_Payload]) -> msgspec.json.Decoder[_Payload]:
    if payload not in _decoders:
        _decoders[payload] = msgspec.json.Decoder(payload)
    return _decoders[payload]


def _check_nesting(raw: bytes) -> None:
    """Let a body pass that is not too deep; brackets inside strings are counted only if many."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    depth, level = 0, [msgspec.json.decode(raw)]
    while level := [inner for item in level for inner in _inside(item)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise invalid(body=f"At most {MAX_DEPTH} levels deep.")


def _check_values(document: Any) -> None:
    level = [document]
    while level:
        for item in level:
            if isinstance(item, str) and "\0" in item:
                raise invalid(body="No NUL in any text.")
            if isinstance(item, int) and item not in _INT64:
                raise invalid(body="Integers of at most 64 bits.")
        level = [
            inner
            for item in level
            for inner in [*_inside(item), *(item if isinstance(item, dict) else ())]
        ]


def _inside(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []


def _named(error: msgspec.ValidationError) -> Refusal:
    """Return the refusal that names the field as callers write it: `features.0`."""
    found = _AT.match(str(error))
    assert found is not None  # noqa: S101 - the expression matches any text
    path = found["path"] or ""
    problem = found["problem"]
    if missing := _MISSING.match(problem):
        path, problem = f"{path}.{missing['field']}", "This field is required."
    name = path.replace("[", ".").replace("]", "").strip(".") or "body"
    return invalid(**{name: problem.replace("`", "")})
