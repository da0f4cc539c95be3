"""What every management operation is made of: one class, one address and method, one service."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, ClassVar, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django_filters import FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts.access import Credential, owns, rows_of, second_wall
from accounts.services import repeats
from accounts.services.repeats import Answer, Attempt
from events.refusals import Refusal, invalid
from events.trail import Origin

Row = TypeVar("Row", bound=Model)
# Of a file, so many parts are read at a time.
_PARTS = 500


class Missing(Refusal):
    """The path names a row that is not there, or not there for this caller."""


class ManagementView(APIView):
    """
    An operation for holders of a scope.

    Whatever is the same for all (who asks, parsing, limits, errors) comes from the settings.
    """

    http_method_names = ["get", "head", "post", "put"]
    scope: ClassVar[str]
    vendor_only: ClassVar[bool] = False
    # What is read and what is answered; the OpenAPI document is made from them.
    Input: ClassVar[type[serializers.Serializer]]
    Output: ClassVar[type[serializers.Serializer]]
    partial: ClassVar[bool] = False
    listing: ClassVar[bool] = False
    many: ClassVar[bool] = False
    # Of `many`: says in `meta` whether these are all.
    capped: ClassVar[bool] = False
    # Answers an object that holds one Output under each name.
    keyed: ClassVar[bool] = False
    success: ClassVar[int] = 200
    # Answers a file instead of the envelope.
    streams: ClassVar[bool] = False
    # Of the query, besides what every list takes: name → the values there are.
    parameters: ClassVar[dict[str, list[str]]] = {}
    # Of lists: what may be filtered by, sorted by (name in the API → field) and searched in.
    Filters: ClassVar[type[FilterSet] | None] = None
    sortable: ClassVar[dict[str, str]] = {}
    searched: ClassVar[tuple[str, ...]] = ()
    newest_first_by: ClassVar[str] = "id"

    @property
    def credential(self) -> Credential:
        credential: Credential = self.request.auth
        return credential

    @property
    def origin(self) -> Origin:
        return self.credential.origin(self.request._request)

    @property
    def at(self) -> datetime:
        """The instant of this request: read once, so that everything in it agrees."""
        return self._at

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._until_answered:
            response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, StreamingHttpResponse) and not self.credential.vendor_wide:
            response.streaming_content = _walled(iter(response), self.credential)
        return response

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        self._at = timezone.now()
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        key = request.META.get("HTTP_IDEMPOTENCY_KEY") if request.method == "POST" else None
        if key is not None:
            # Before the parser consumes it: the repeat is known by every byte.
            content = request._request.body
        super().initial(request, *args, **kwargs)
        self._until_answered.enter_context(second_wall(self.credential))
        if key is not None and hasattr(self, "post"):
            self.post = self._once(self.post, key, content)

    def one(self, model: type[Row], pk: str, code: str) -> Row:
        """
        Return the row that the path names.

        :raises Missing: there is none, or it is not the caller's to see
        """
        try:
            number = uuid.UUID(pk)
        except ValueError:
            raise Missing(code) from None

        found = rows_of(self.credential, model).filter(pk=number).first()
        if found is None:
            raise Missing(code)
        return found

    def own(self, model: type[Row], pk: str, code: str) -> Row:
        """
        Return the row that the path names, to act upon it.

        :raises Missing: there is none, or it is not the caller's to see
        :raises RESELLER_READS_ONLY: the caller's tenant sold it on
        """
        row = self.one(model, pk, code)
        if not owns(self.credential, row):
            raise Refusal("RESELLER_READS_ONLY")
        return row

    def read(self) -> dict[str, Any]:
        """
        Return the body as the operation's Input understands it.

        :raises VALIDATION_ERROR: it does not
        """
        body = self.request.data
        if not isinstance(body, dict):
            raise invalid(body="An object.")
        given = self.Input(data=body, partial=self.partial, context={"view": self})
        given.is_valid(raise_exception=True)
        return given.validated_data

    def answer(self, row: Any, **context: Any) -> Response:
        """Return the row in the envelope."""
        shown = self.Output(row, many=self.many, context={"view": self, **context}).data
        return Response({"data": shown}, status=self.success)

    def listed(
        self,
        rows: QuerySet[Any],
        *,
        arranged: Callable[[list[Any]], Sequence[Any]] = list,
        **context: Any,
    ) -> Response:
        """
        Return one page of the rows, filtered, searched and sorted as the query says.

        `arranged` looks up, once for the whole page, what the rows themselves do not hold.
        """
        page = api_settings.DEFAULT_PAGINATION_CLASS(self, self.request)
        found = arranged(page.rows_of(rows))
        shown = self.Output(found, many=True, context={"view": self, **context}).data
        return Response({"data": shown, "pagination": page.place(), "meta": page.meta()})

    def matching(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Narrow a list to the rows that hold the text in any of what is searched."""
        wanted = Q()
        for lookup in self.searched:
            wanted |= Q(**{lookup: text})
        return rows.filter(wanted)

    def _once(self, handler: Callable, key: str, content: bytes) -> Callable[..., HttpResponseBase]:
        """Wrap a POST so that its repeat is answered and not done again."""

        def repeatable(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            address = request.get_full_path()
            attempt = Attempt(
                credential=f"{self.credential.kind}:{self.credential.id}",
                route=f"POST {address}"[:300],
                key=repeats.checked_key(key),
                content=f"{self.credential.tenant_id}\0{address}\0".encode() + content,
            )
            told = repeats.once(attempt, lambda: act(request, *args, **kwargs), at=self.at)
            response = HttpResponse(told.body, status=told.status, content_type="application/json")
            if told.etag:
                response["ETag"] = told.etag
            if told.replayed:
                response["Idempotency-Replayed"] = "true"
            return response

        def act(request: Request, *args: Any, **kwargs: Any) -> Answer:
            try:
                # A refused act leaves nothing, yet its refusal is remembered.
                with transaction.atomic():
                    response = handler(request, *args, **kwargs)
            except Exception as error:
                response = self.handle_exception(error)
            response = self.finalize_response(request, response, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
            body = response.content.decode()
            return Answer(response.status_code, body, response.headers.get("ETag", ""))

        return repeatable


def _walled(parts: Iterator[bytes], asker: Credential) -> Iterator[bytes]:
    """Yield what is read for a file: the wall stands while it is read, never while it is sent."""
    while True:
        with second_wall(asker):
            some = list(islice(parts, _PARTS))
        if not some:
            return
        yield from some


def by_method(**views: type[APIView]) -> Callable[..., HttpResponseBase]:
    """Join operations on one address: `by_method(get=ListProducts, post=CreateProduct)`."""
    methods = {method.upper(): view.as_view() for method, view in views.items()}
    allowed = sorted(methods)

    @csrf_exempt
    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" and "GET" in methods else request.method
        view = methods.get(method or "")
        if view is None:
            # Whoever asks: some of the joined operations ask for no credential.
            return HttpResponseNotAllowed(allowed)
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response["Allow"] = ", ".join(allowed)
        return response

    dispatch.views = views  # type: ignore[attr-defined]
    return dispatch
