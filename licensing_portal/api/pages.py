"""One page of a list: its filters, its order, its place among the others."""

import base64
import json
import math
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.http import QueryDict
from rest_framework.request import Request

from events.refusals import Refusal, invalid
from licensing_portal.api.parsing import check

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
# Counting further would read further than any person looks.
COUNTED = 10_000
# More digits than any page has, and fewer than 64 bits hold.
_DIGITS_READ = 18


class Page:
    """Reads the query of one list request: REST_FRAMEWORK's DEFAULT_PAGINATION_CLASS."""

    def __init__(self, view: Any, request: Request) -> None:
        self.view = view
        self.query = _with_filter(request.query_params)
        self.number = _whole(self.query, "page", default=1)
        self.limit = min(_whole(self.query, "limit", default=DEFAULT_LIMIT), MAX_LIMIT)
        self.field, self.descending = self._order()
        self.cursor = _opened(self.query.get("cursor", ""), self.field, self.descending)
        if self.cursor is None and (self.number - 1) * self.limit >= COUNTED:
            raise Refusal("PAGE_TOO_DEEP")

    def rows_of(self, rows: QuerySet[Any]) -> list[Any]:
        """Give the rows of this page, and note whether more follow."""
        rows = self.narrowed(rows)
        self.total = rows.order_by()[: COUNTED + 1].count()
        rows = self._sorted(rows)
        start = 0
        if self.cursor is not None:
            rows = rows.filter(self._after(rows.model, *self.cursor))
        else:
            start = (self.number - 1) * self.limit
        found = list(rows[start : start + self.limit + 1])
        self.has_next = len(found) > self.limit
        self.found = found[: self.limit]
        return self.found

    def place(self) -> dict[str, Any]:
        return {
            "page": self.number,
            "limit": self.limit,
            "total": self.total,
            "total_pages": math.ceil(self.total / self.limit),
            "has_next": self.has_next,
            "has_previous": self.cursor is not None or self.number > 1,
        }

    def meta(self) -> dict[str, Any]:
        meta: dict[str, Any] = {"total_is_capped": self.total > COUNTED}
        if self.has_next:
            meta["next_cursor"] = self._cursor_behind(self.found[-1])
        return meta

    def _order(self) -> tuple[str, bool]:
        order = self.query.get("order", "").lower()
        if order not in {"", "asc", "desc"}:
            raise invalid(order="asc or desc.")
        name = self.query.get("sort", "")
        if not name:
            return self.view.newest_first_by, order != "asc"
        if name not in self.view.sortable:
            raise invalid(sort=f"One of {', '.join(sorted(self.view.sortable))}.")
        return self.view.sortable[name], order == "desc"

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.view.Filters is not None:
            filters = self.view.Filters(self.query, rows, request=self.view.request)
            if not filters.is_valid():
                errors = filters.form.errors.items()
                raise invalid(**{name: [str(text) for text in texts] for name, texts in errors})
            rows = filters.qs
        text = self.query.get("search", "").strip()
        if text and self.view.searched:
            rows = self.view.matching(rows, text)
        return rows

    def _sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        last = self.view.newest_first_by
        names = [self.field] if self.field == last else [self.field, last]
        return rows.order_by(*(self._ordered(rows.model, name) for name in names))

    def _ordered(self, model: type[Model], name: str) -> OrderBy:
        # Saying where nulls go keeps an index from being used, so only where there are any.
        last = True if _nullable(model, name) else None
        return F(name).desc(nulls_last=last) if self.descending else F(name).asc(nulls_last=last)

    def _after(self, model: type[Model], value: Any, pk: str) -> Q:
        """Rows behind the cursor, in this order, empty values last."""
        last = self.view.newest_first_by
        step = "lt" if self.descending else "gt"
        try:
            field = _field(model, last)
            behind = Q(**{f"{last}__{step}": field.to_python(pk)})
            if self.field == last:
                return behind
            if value is None:
                return Q(**{f"{self.field}__isnull": True}) & behind
            value = _field(model, self.field).to_python(value)
        except (ValidationError, ValueError, TypeError, OverflowError):
            raise invalid(cursor="Not one of ours.") from None
        further = Q(**{f"{self.field}__{step}": value})
        if _nullable(model, self.field):
            further |= Q(**{f"{self.field}__isnull": True})
        return further | (Q(**{self.field: value}) & behind)

    def _cursor_behind(self, row: Any) -> str:
        value = _of(row, self.field)
        shown = value.isoformat() if isinstance(value, datetime) else value
        pk = str(_of(row, self.view.newest_first_by))
        place = [self.field, self.descending, None if shown is None else str(shown), pk]
        return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _with_filter(query: QueryDict) -> QueryDict:
    """Join the parameters with those inside `filter`, which is JSON text."""
    text = query.get("filter", "")
    if not text:
        return query
    try:
        inner = json.loads(text)
        check(inner)
    except (ValueError, RecursionError):
        raise invalid(filter="JSON text of an object.") from None
    if not isinstance(inner, dict):
        raise invalid(filter="JSON text of an object.")
    joined = query.copy()
    for name, value in inner.items():
        if name not in query and isinstance(value, str | int | float):
            joined[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return joined


def _whole(query: QueryDict, name: str, *, default: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
    if not digits:
        raise invalid(**{name: "A whole number from 1 on."})
    # However long it is, it means no more than very many.
    return int(digits[:_DIGITS_READ])


def _opened(text: str, field: str, descending: bool) -> tuple[str | None, str] | None:
    if not text:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        named, towards, value, pk = place
    except (ValueError, TypeError, RecursionError):
        raise invalid(cursor="Not one of ours.") from None
    fits = named == field and towards is descending and isinstance(pk, str)
    if not fits or not isinstance(value, str | None) or not _storable(f"{value}{pk}"):
        raise invalid(cursor="Not one of ours, or of a list in another order.")
    return value, pk


def _storable(text: str) -> bool:
    """Return whether a database could hold the text: half a character it could not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _field(model: type[Model], path: str) -> Any:
    for name in path.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model or model
    return field


def _nullable(model: type[Model], path: str) -> bool:
    try:
        return bool(_field(model, path).null)
    except FieldDoesNotExist:
        return True


def _of(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
