"""Licences: found, read, issued and changed."""

import re
import uuid
from contextlib import suppress
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import owns, rows_of
from accounts.api.base import ManagementView, Missing
from accounts.api.fields import IdFilter, Instant, OneOf, YesNo
from accounts.models import Customer
from events import vault
from events.refusals import Refusal
from licenses.api.license_shapes import LicenseChange, LicenseIssue, LicenseShown, grants
from licenses.models import License, labels
from licenses.models.license_queries import LicenseQuerySet
from licenses.selectors import typed_keys
from licenses.selectors.search import licenses_matching
from licenses.services.issue_terms import IssueRequest
from licenses.services.issuing import issue_license
from licenses.services.keyring import PURPOSE, reveal_key
from licenses.services.putting import FIXED, put_license
from licenses.services.restricting import SHORTHANDS
from licenses.states import PendingCause, Status

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
# Honoured of what a client sends as status when it issues.
_STARTS = {Status.ACTIVE: PendingCause.NONE, Status.PENDING: PendingCause.APPROVAL}
_NAMED = {"template_id": "TEMPLATE_NOT_FOUND", "reseller_id": "RESELLER_NOT_FOUND"}


class LicenseFilters(FilterSet):
    customer_id = CharFilter(method="of_customer")
    reseller_id = IdFilter()
    template_id = IdFilter()
    product_id = CharFilter(field_name="product__product_id")
    status = OneOf(choices=labels.STATUS, method="in_status")
    license_type = OneOf(choices=labels.LICENSE_TYPE)
    license_model = OneOf(choices=labels.LICENSE_MODEL)
    auto_renewal = YesNo()
    expiry_date_from = Instant(field_name="expiry_date")
    expiry_date_to = Instant(field_name="expiry_date", end=True)
    maintenance_expiry_from = Instant(field_name="maintenance_expiry")
    maintenance_expiry_to = Instant(field_name="maintenance_expiry", end=True)
    issued_date_from = Instant(field_name="issued_date")
    issued_date_to = Instant(field_name="issued_date", end=True)

    def of_customer(self, rows: Any, name: str, value: str) -> Any:
        wanted = Q(customer__external_id=value)
        with suppress(ValueError):
            # An id of the tenant's own system may be a UUID too.
            wanted |= Q(customer_id=uuid.UUID(value))
        return rows.filter(wanted)

    def in_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_status(value, self.request.parser_context["view"].at)


class LicenseView(ManagementView):
    """An operation that answers a licence, with the revision that a later PUT may ask for."""

    Output = LicenseShown

    def shown(self, license: License, **context: Any) -> Response:
        response = self.answer(license, **context)
        response["ETag"] = f'"{license.revision}"'
        return response

    def license(self, license_id: str) -> License:
        return self.one(License, license_id, "LICENSE_NOT_FOUND")

    def own_license(self, license_id: str) -> License:
        return self.own(License, license_id, "LICENSE_NOT_FOUND")

    @property
    def may_override(self) -> bool:
        """Whether what a template fixes binds this caller: the catalogue is the vendor's."""
        return self.credential.vendor_wide and self.credential.may("catalog:write")

    def expected_revision(self) -> int | None:
        """
        Return the revision that the caller saw, where it says so by `If-Match`.

        :raises STALE_REVISION: it names none that there could be
        """
        sent = self.request.META.get("HTTP_IF_MATCH", "").strip()
        if sent in ("", "*"):
            return None
        revision = _ETAG.fullmatch(sent)
        if revision is None:
            raise Refusal("STALE_REVISION")
        return int(revision[1])

    def customer(self, name: str) -> Customer:
        """
        Return the customer that a body names by our id or the tenant's own.

        :raises CUSTOMER_NOT_FOUND: there is none where this caller may look
        """
        rows = rows_of(self.credential, Customer)
        try:
            found = rows.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            found = None
            # The same id of another system may name customers of several tenants.
            if self.credential.tenant_id is None:
                raise Refusal("TENANT_REQUIRED") from None
        if found is None and self.credential.tenant_id is not None:
            found = rows.filter(external_id=name).first()
        if found is None:
            raise Refusal("CUSTOMER_NOT_FOUND")
        return found


def with_terms(rows: QuerySet[License]) -> QuerySet[License]:
    """Return the licences with all that an answer shows of them, in a fixed number of queries."""
    return rows.select_related("product").prefetch_related("entitlements", "restrictions")


class GetLicenses(ManagementView):
    """List licences, filtered by what they are at this instant."""

    scope = "licenses:read"
    Output = LicenseShown
    listing = True
    Filters = LicenseFilters
    sortable = {
        "created_at": "id",
        "issued_date": "issued_date",
        "expiry_date": "expiry_date",
        "maintenance_expiry": "maintenance_expiry",
        "updated_at": "updated_at",
        "issued_to": "issued_to",
        "product_name": "product_name",
        "max_activations": "max_activations",
        "current_activations": "current_activations",
    }
    # Names, not lookups: `matching` knows how each is found among millions.
    searched = ("product_name", "issued_to", "customer", "key_hint")

    def get(self, request: Request) -> Response:
        return self.listed(with_terms(rows_of(self.credential, License)))

    def matching(self, rows: LicenseQuerySet, text: str) -> LicenseQuerySet:
        customers = rows_of(self.credential, Customer)
        return licenses_matching(rows, text, customers=customers)


class GetLicense(LicenseView):
    """Read one licence, its key masked."""

    scope = "licenses:read"

    def get(self, request: Request, license_id: str) -> Response:
        return self.shown(self.license(license_id))


class GetLicenseByKey(LicenseView):
    """Find a licence by its key, which is shown to whoever may reveal it."""

    scope = "licenses:read"

    def get(self, request: Request, license_key: str) -> Response:
        key = typed_keys.canonical(license_key)
        if key is None:
            raise Refusal("INVALID_LICENSE_KEY_FORMAT")
        rows = rows_of(self.credential, License)
        license = rows.filter(key_digest__in=vault.digests(PURPOSE, key)).first()
        if license is None:
            raise Missing("LICENSE_NOT_FOUND")
        if not (self.credential.may("licenses:reveal") and owns(self.credential, license)):
            return self.shown(license)
        whole = reveal_key(
            license_id=license.pk, reason="Looked up by its key.", at=self.at, origin=self.origin
        )
        return self.shown(license, key=whole)


class CreateLicense(LicenseView):
    """Issue a licence; its key is shown here and nowhere else unasked."""

    scope = "licenses:write"
    Input = LicenseIssue
    success = 201

    def post(self, request: Request) -> Response:
        issued = issue_license(request=self._request(self.read()), at=self.at, origin=self.origin)
        return self.shown(issued.license, key=issued.key)

    def _request(self, given: dict[str, Any]) -> IssueRequest:
        if given.get("trial_override_reason") and not self.credential.vendor_wide:
            # Whoever buys does not allow itself another trial.
            raise Refusal("VENDOR_ONLY")
        tenant_id = self.credential.tenant_id
        given.pop("tenant_id", None)
        if "customer_id" in given:
            customer = self.customer(given["customer_id"])
            given["customer_id"] = customer.pk
            tenant_id = tenant_id or customer.tenant_id
        if tenant_id is None:
            raise Refusal("TENANT_REQUIRED")
        for name, code in _NAMED.items():
            if name in given:
                given[name] = id_of(given[name], code)
        if "features" in given:
            given["features"] = grants(given["features"])
        cause = _STARTS.get(given.pop("status", None))
        return IssueRequest(
            tenant_id=tenant_id,
            pending_cause=cause,
            may_override=self.may_override,
            deliver_inside_tenant=not self.credential.vendor_wide,
            **given,
        )


class UpdateLicense(LicenseView):
    """Change terms and status together, or neither; what is not sent stays."""

    scope = "licenses:write"
    Input = LicenseChange
    partial = True

    def put(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        given = self.read()
        fixed = {name: given.pop(name) for name in FIXED if name in given}
        if "customer_id" in fixed:
            fixed["customer_id"] = str(self.customer(fixed["customer_id"]).pk)
        features = given.pop("features", None)
        return self.shown(
            put_license(
                license_id=license.pk,
                fixed=fixed,
                features=None if features is None else grants(features),
                restrictions=given.pop("restrictions", None),
                shorthands={name: given.pop(name) for name in SHORTHANDS if name in given},
                status=given.pop("status", None),
                reason=given.pop("reason", ""),
                changes=given,
                expected_revision=self.expected_revision(),
                may_override=self.may_override,
                at=self.at,
                origin=self.origin,
            )
        )


def id_of(name: str, code: str) -> uuid.UUID:
    """
    Return the id that a body names a row by.

    :raises Refusal: with that code, if it is none
    """
    try:
        return uuid.UUID(name)
    except ValueError:
        raise Refusal(code) from None
