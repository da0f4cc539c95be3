"""The filtered list of licences as one file."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.settings import api_settings

from accounts.access import owns, rows_of
from events.refusals import Refusal, invalid
from licenses.api.licenses import GetLicenses
from licenses.models import License
from licenses.selectors.export import FIELDS, cell, exported
from licenses.services.keyring import reveal_keys

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class ExportLicenses(GetLicenses):
    """Stream the filtered list as one file, keys masked unless they are asked for."""

    streams = True
    parameters = {"format": sorted(_TYPES), "reveal": ["true", "false"]}

    def get(self, request: Request) -> StreamingHttpResponse:
        form = request.query_params.get("format", "csv")
        if form not in _TYPES:
            raise invalid(format="csv or json.")
        reveal = request.query_params.get("reveal", "false").lower()
        if reveal not in {"true", "false"}:
            raise invalid(reveal="true or false.")
        if reveal == "true" and not self.credential.may("licenses:reveal"):
            raise Refusal("SCOPE_REQUIRED", scope="licenses:reveal")
        rows = rows_of(self.credential, License)
        page = api_settings.DEFAULT_PAGINATION_CLASS(self, request)
        found = page.narrowed(rows)
        written = exported(found, keys=self._keys if reveal == "true" else _none, at=self.at)
        response = StreamingHttpResponse(
            _csv(written) if form == "csv" else _json(written), content_type=_TYPES[form]
        )
        response["Content-Disposition"] = f'attachment; filename="licenses.{form}"'
        return response

    def _keys(self, licenses: list[License]) -> dict[Any, str]:
        own = [license.pk for license in licenses if owns(self.credential, license)]
        return reveal_keys(license_ids=own, reason="Exported.", at=self.at, origin=self.origin)


def _none(licenses: list[License]) -> dict[Any, str]:
    return {}


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    line = StringIO()
    writer = csv.DictWriter(line, FIELDS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: cell(value) for name, value in row.items()})
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield '{"data": ['
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + json.dumps(row)
    yield "\n]}\n"
