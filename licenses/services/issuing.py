"""Issuing: from a request, a template and the type's defaults to a licence with a key."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Customer, Tenant
from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.models import Entitlement, License, LicenseTemplate, Product
from licenses.services import (
    delivery,
    entitlements,
    fixed_terms,
    issue_terms,
    keyring,
    restricting,
    trial_uses,
)
from licenses.services.issue_terms import IssueRequest
from licenses.services.kept_restrictions import Kept, told
from licenses.services.keyring import Issued
from licenses.services.lifecycle.writing import told_at_issue
from licenses.services.metadata import check_metadata
from licenses.terms import LicenseType

__all__ = ["IssueRequest", "Issued", "issue_license"]


@transaction.atomic
def issue_license(*, request: IssueRequest, at: datetime, origin: Origin) -> Issued:
    """
    Issue a licence and return it with its key, which is told only here.

    :raises PRODUCT_NOT_FOUND TEMPLATE_NOT_FOUND TENANT_NOT_FOUND CUSTOMER_NOT_FOUND: if one is
        unknown or belongs to somebody else
    :raises TRIAL_ALREADY_USED: if the customer has had a trial of the product
    :raises VALIDATION_ERROR: if the terms are impossible, the template fixes them otherwise, or
        `deliver_to` is no address
    :raises RECIPIENT_FORBIDDEN: if the key may not be mailed there
    """
    tenant = Tenant.objects.filter(pk=request.tenant_id, active=True).first()
    if tenant is None:
        raise Refusal("TENANT_NOT_FOUND")
    template = _template(request, tenant)
    product = _product(request, template)
    license = issue_terms.terms_of(request, product, template)
    license.tenant = tenant
    license.customer = _customer(request, tenant)
    license.reseller = _reseller(request, tenant)
    issue_terms.set_dates(license, request, at=at)
    check_metadata(license.metadata)

    rows = entitlements.rows_for(license, product, _grants(request, template))
    shorthands = {name: getattr(request, name) for name in restricting.SHORTHANDS}
    restricted = restricting.for_issue(
        request.restrictions, shorthands, template, may_override=request.may_override
    )
    features = [row.feature_id for row in rows if row.enabled]
    key = keyring.give_new_key(license, features=features, at=at, origin=origin)
    license.status = license.status_at(at).value
    license.created_at = license.updated_at = at
    license.save(force_insert=True)
    Entitlement.objects.bulk_create(rows)
    restricting.store(license, restricted)
    if license.license_type == LicenseType.TRIAL:
        trial_uses.note_customer(license, reason=request.trial_override_reason, at=at)
    _record(license, request, rows, restricted, at=at, origin=origin)
    if request.deliver_to:
        delivery.owe_key(
            license,
            email=request.deliver_to,
            at=at,
            origin=origin,
            inside_tenant=request.deliver_inside_tenant,
            field="deliver_to",
        )
    return Issued(license, key)


def _grants(
    request: IssueRequest, template: LicenseTemplate | None
) -> Sequence[entitlements.FeatureGrant]:
    """Return what was asked, as far as the template lets it be, else what the template grants."""
    if template is None:
        return request.features or []
    offered = entitlements.grants_of(template)
    if request.features is None:
        return offered
    if not request.may_override:
        held = {grant.feature_id: grant for grant in offered}
        fixed_terms.check_features(template.features.all(), request.features, held=held)
    return request.features


def _template(request: IssueRequest, tenant: Tenant) -> LicenseTemplate | None:
    if request.template_id is None:
        return None
    template = (
        LicenseTemplate.objects.on_offer_to(tenant)
        .select_related("product")
        .filter(pk=request.template_id)
        .first()
    )
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    return template


def _product(request: IssueRequest, template: LicenseTemplate | None) -> Product:
    if request.product_id is None:
        if template is None:
            raise invalid(product_id="Name a product or a template.")
        product = template.product
    else:
        found = Product.objects.filter(product_id=request.product_id).first()
        if found is None:
            raise Refusal("PRODUCT_NOT_FOUND", product_id=request.product_id)
        product = found
    if template is not None and template.product_id != product.pk:
        raise invalid(product_id="The template is of another product.")
    if not product.active:
        raise invalid(product_id="The product is no longer sold.")
    return product


def _customer(request: IssueRequest, tenant: Tenant) -> Customer | None:
    if request.customer_id is None:
        return None
    customer = tenant.customers.filter(pk=request.customer_id, active=True).first()
    if customer is None:
        raise Refusal("CUSTOMER_NOT_FOUND")
    return customer


def _reseller(request: IssueRequest, tenant: Tenant) -> Tenant | None:
    if request.reseller_id is None:
        return tenant.sold_by
    reseller = Tenant.objects.filter(pk=request.reseller_id, is_reseller=True).first()
    if reseller is None or reseller.pk != tenant.sold_by_id:
        raise Refusal("RESELLER_NOT_FOUND")
    return reseller


def _record(
    license: License,
    request: IssueRequest,
    granted: Sequence[Entitlement],
    restricted: Sequence[Kept],
    *,
    at: datetime,
    origin: Origin,
) -> None:
    trail.record(
        "license.issued",
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes=told_at_issue(
            license, features=entitlements.told(granted), restrictions=told(restricted)
        ),
        reason=request.trial_override_reason,
    )
