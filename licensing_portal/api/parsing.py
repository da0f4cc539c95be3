"""What a body or a query may hold before anybody looks at its meaning."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import Http404, QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from events.refusals import Refusal, invalid

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
_INT64 = 2**63


class JSONParser(BaseParser):
    """JSON of bounded size and depth, with numbers and strings that a database can hold."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Refusal("BODY_TOO_LARGE", limit_bytes=MAX_BYTES)
        try:
            found = json.loads(raw.decode() or "{}", parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise ParseError from None
        check(found)
        return found


class ReadableAddress(BasePermission):
    """Refuses a path or a query that no database could be asked with."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not all(_storable(str(part)) for part in view.kwargs.values()):
            raise Http404
        check_query(request.query_params)
        return True


def check(value: Any) -> None:
    """
    Let JSON pass if nothing in it is too deep, too large or cannot be stored.

    :raises VALIDATION_ERROR: naming what it met.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.keys())
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
            else:
                _check_scalar(item)
        if depth > MAX_DEPTH + 1:
            raise invalid(body=f"At most {MAX_DEPTH} levels deep.")
        level = inner


def check_query(query: QueryDict) -> None:
    """
    Let a query pass if every value of it can be stored.

    :raises VALIDATION_ERROR: naming the parameter.
    """
    for name, values in query.lists():
        if any(not _storable(text) for text in (name, *values)):
            raise invalid(**{name if _storable(name) else "query": "Not a text."})


def _check_scalar(item: Any) -> None:
    if isinstance(item, str) and not _storable(item):
        raise invalid(body="NUL and half characters are not text.")
    if isinstance(item, int) and not -_INT64 <= item < _INT64:
        raise invalid(body="Integers have 64 bits.")
    if isinstance(item, float) and item in (float("inf"), float("-inf")):
        raise invalid(body="Numbers are finite.")


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
