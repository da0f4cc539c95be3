"""The OpenAPI document, drawn from what the operations declare."""

from collections.abc import Callable
from functools import cache
from typing import Any

import django_filters
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from accounts.api.fields import Instant
from licensing_portal.api.words import TERMS

Endpoint = tuple[str, str, str, Callable[..., Any]]


class Error(serializers.Serializer):
    """A refusal: what its code means never changes."""

    code = serializers.CharField()
    message = serializers.CharField()
    error = inline_serializer(
        "ErrorDetail",
        {
            "code": serializers.CharField(),
            "message": serializers.CharField(),
            "details": serializers.DictField(),
            "next_action": serializers.CharField(required=False),
            "retry_after": serializers.IntegerField(required=False),
        },
    )
    timestamp = serializers.DateTimeField()
    trace_id = serializers.CharField()


class Pagination(serializers.Serializer):
    """Where a page stands among the others; `total` is exact to 10,000."""

    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    total = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    has_next = serializers.BooleanField()
    has_previous = serializers.BooleanField()


class Meta(serializers.Serializer):
    """Whether `total` stopped counting, and how to go on."""

    total_is_capped = serializers.BooleanField()
    next_cursor = serializers.CharField(required=False)


_COUNTING = {"type": "integer", "minimum": 1}
_PRINTABLE = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}


class OperationSchema(AutoSchema):
    """One operation: its envelope, its parameters, and every status it may answer."""

    def get_operation_id(self) -> str:
        name = type(self.view).__name__
        return name[0].lower() + name[1:]

    def get_summary(self) -> str:
        return type(self.view).__doc__ or ""

    def get_description(self) -> str:
        whose = ", a key of the vendor's own" if self.view.vendor_only else ""
        return f"Scope: `{self.view.scope}`{whose}."

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/licensing/").split("/")[0]]

    def get_request_serializer(self) -> Any:
        shape = getattr(self.view, "Input", None)
        if shape is None or self.method not in {"POST", "PUT"}:
            return None
        return shape(partial=self.view.partial)

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = {str(self.view.success): self._success()}
        if self.view.streams:
            answers = {(str(self.view.success), "text/csv"): OpenApiTypes.STR} | {
                (str(self.view.success), "application/json"): OpenApiTypes.OBJECT
            }
        refused = {400, 401, 403, 404, 429, 500, 503}
        if self.method in {"POST", "PUT"}:
            refused |= {409, 412, 413, 415}
        return answers | {str(status): Error for status in sorted(refused)}

    def get_override_parameters(self) -> list[OpenApiParameter]:
        found = [_header("X-Tenant-ID", "Id or code of the tenant to act in.")]
        if self.method == "POST":
            told = "A repeat is answered, not done again."
            found.append(_header("Idempotency-Key", told, _PRINTABLE))
        if self.method == "PUT":
            found.append(_header("If-Match", "The ETag of the row as it was read."))
        if self.view.listing:
            found += self._of_lists()
        for name, codes in self.view.parameters.items():
            found.append(OpenApiParameter(name, str, enum=codes or None))
        return found

    def _success(self) -> Any:
        if self.view.keyed:
            return _keyed(self.view.Output)
        view = self.view
        return _envelope(view.Output, listing=view.listing, many=view.many, capped=view.capped)

    def _of_lists(self) -> list[OpenApiParameter]:
        found = [
            OpenApiParameter("page", _COUNTING),
            OpenApiParameter("limit", _COUNTING, description="At most 1000."),
            OpenApiParameter("cursor", str, description="`meta.next_cursor` of the page before."),
            OpenApiParameter("order", str, enum=["asc", "desc"]),
            OpenApiParameter("filter", str, description="The filters below, as JSON text."),
            OpenApiParameter("tenant_id", str),
        ]
        if self.view.sortable:
            found.append(OpenApiParameter("sort", str, enum=sorted(self.view.sortable)))
        if self.view.searched:
            found.append(OpenApiParameter("search", str))
        if self.view.Filters is not None:
            found += [
                _filter(name, kind)
                for name, kind in self.view.Filters.base_filters.items()
                if name != "tenant_id"
            ]
        return found


@cache
def _envelope(
    shape: type[serializers.Serializer], *, listing: bool, many: bool, capped: bool
) -> Any:
    name = shape.__name__.removesuffix("Shown")
    if many:
        told = {"meta": Meta()} if capped else {}
        return inline_serializer(f"{name}Array", {"data": shape(many=True), **told})
    if not listing:
        return inline_serializer(f"{name}Answer", {"data": shape()})
    fields = {"data": shape(many=True), "pagination": Pagination(), "meta": Meta()}
    return inline_serializer(f"{name}List", fields)


@cache
def _keyed(shape: type[serializers.Serializer]) -> Any:
    name = shape.__name__.removesuffix("Shown")
    return inline_serializer(f"{name}Map", {"data": serializers.DictField(child=shape())})


def _header(name: str, description: str, kind: Any = str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description)


def _filter(name: str, kind: django_filters.Filter) -> OpenApiParameter:
    if isinstance(kind, django_filters.BooleanFilter):
        return OpenApiParameter(name, bool)
    if isinstance(kind, Instant):
        return OpenApiParameter(name, OpenApiTypes.DATE, description="Or an instant.")
    choices = kind.extra.get("choices")
    return OpenApiParameter(name, str, enum=[code for code, _ in choices] if choices else None)


class Enumerator(EndpointEnumerator):
    """Finds the operations that several methods of one address are joined from."""

    def get_api_endpoints(self, patterns: Any = None, prefix: str = "") -> list[Endpoint]:
        found = super().get_api_endpoints(patterns, prefix)
        return sorted(found, key=lambda endpoint: (endpoint[0], endpoint[2]))

    def should_include_endpoint(self, path: str, callback: Any) -> bool:
        return hasattr(callback, "views") or super().should_include_endpoint(path, callback)

    def get_allowed_methods(self, callback: Any) -> list[str]:
        if hasattr(callback, "views"):
            return [method.upper() for method in callback.views]
        return super().get_allowed_methods(callback)


class Generator(SchemaGenerator):
    """Draws the document from our own enumeration."""

    endpoint_inspector_cls = Enumerator


def one_endpoint_per_method(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """Name, for each method of a joined address, the view that answers it."""
    return [
        (path, regex, method, callback.views[method.lower()].as_view())
        if hasattr(callback, "views")
        else (path, regex, method, callback)
        for path, regex, method, callback in endpoints
    ]


def with_words(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of each term of a licence what it means, wherever a body or an answer holds it."""
    for part in result["components"]["schemas"].values():
        for name, field in part.get("properties", {}).items():
            if name in TERMS and "$ref" not in field:
                field.setdefault("description", TERMS[name])
    return result


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the document names an API key."""

    target_class = "licensing_portal.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class StaffSessionScheme(OpenApiAuthenticationExtension):
    """How the document names a staff session."""

    target_class = "licensing_portal.api.authentication.StaffSession"
    name = "staffSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
