"""The smallest valid rows, made through the services wherever there is one."""

import itertools
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import Customer, Membership, Tenant, User
from accounts.roles import Role
from compliance.models import Incident
from compliance.services.reporting import About, report_activity
from events.trail import Origin
from licenses.models import Activation, Feature, License, LicenseTemplate, Product, Release
from licenses.services import activation, issuing, releases
from licenses.services.activation import Activated
from licenses.services.claims import Device
from licenses.services.issue_terms import IssueRequest
from licenses.services.keyring import Issued
from licenses.services.tokens import token_digest
from orders.models import Order, PaymentMethod
from orders.services.ordering import approve_order, fulfil_order
from orders.services.paying import record_payment
from orders.services.placing import OrderRequest, place_order
from orders.services.pricing import set_price
from orders.states import Fulfillment
from tests.clock import NOW

_numbers = itertools.count(1)
STAFF = Origin(actor_kind="staff", actor_id="7", actor_label="support@tern-vale.example")
DEVICE = Origin(actor_kind="device", ip_address="192.0.2.7", request_id="req-1")


def make_tenant(**fields: Any) -> Tenant:
    number = next(_numbers)
    return Tenant.objects.create(**{"code": f"TEN{number}", "name": f"Tenant {number}"} | fields)


def make_customer(tenant: Tenant | None = None, **fields: Any) -> Customer:
    number = next(_numbers)
    given = {"name": f"Customer {number}", "email": f"buyer{number}@brenner.example"} | fields
    return Customer.objects.create(tenant=tenant or make_tenant(), **given)


PASSWORD = "correct horse battery"  # of everybody here


def make_member(tenant: Tenant, role: str = Role.OWNER, **fields: Any) -> User:
    """A person who may enter one tenant's portal."""
    number = next(_numbers)
    given = {"email": f"person{number}@brenner.example"} | fields
    user = User.objects.create_user(password=PASSWORD, **given)
    Membership.objects.create(user=user, tenant=tenant, role=role)
    return user


def make_product(*feature_ids: str, **fields: Any) -> Product:
    number = next(_numbers)
    product = Product.objects.create(
        **{
            "product_id": f"product-{number}",
            "product_name": f"Product {number}",
            "product_version": "4.2",
        }
        | fields
    )
    for feature_id in feature_ids:
        Feature.objects.create(
            product=product, feature_id=feature_id, feature_name=feature_id.title()
        )
    return product


def release(
    product: Product, version: str, released_at: datetime, *, at: datetime = NOW, **says: Any
) -> Release:
    """A version of a product that came out."""
    fields = {"version": version, "released_at": released_at} | says
    return releases.publish_release(product=product, fields=fields, at=at, origin=STAFF)


def make_template(product: Product | None = None, **fields: Any) -> LicenseTemplate:
    number = next(_numbers)
    given = {
        "template_name": f"Template {number}",
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_DEVICE",
        "max_activations": 3,
    } | fields
    return LicenseTemplate.objects.create(product=product or make_product(), **given)


def issue(
    *, tenant: Tenant | None = None, at: datetime = NOW, origin: Origin = STAFF, **terms: Any
) -> Issued:
    """Issue a licence: a three-seat subscription for a year unless told otherwise."""
    product = terms.pop("product", None)
    given: dict[str, Any] = {
        "issued_to": "Brenner Ingenieure",
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_DEVICE",
        "max_activations": 3,
    } | terms
    if "template_id" not in given:
        given.setdefault("product_id", (product or make_product()).product_id)
    tenant = tenant or make_tenant()
    request = IssueRequest(tenant_id=tenant.pk, **given)
    return issuing.issue_license(request=request, at=at, origin=origin)


def priced(template: LicenseTemplate | None = None, **fields: Any) -> LicenseTemplate:
    """A template with a price: 100 EUR a year unless told otherwise."""
    template = template or make_template()
    bands = fields.pop("bands", None)
    given = {"base_price": Decimal(100), "currency": "EUR", "billing_cycle": "ANNUALLY"} | fields
    set_price(template=template, fields=given, bands=bands, at=NOW, origin=STAFF)
    return template


def place(
    template: LicenseTemplate | None = None,
    *,
    tenant: Tenant | None = None,
    at: datetime = NOW,
    **wish: Any,
) -> Order:
    """An order of one licence, which nobody fulfils by itself unless told otherwise."""
    tenant = tenant or make_tenant()
    given: dict[str, Any] = {"quantity": 1, "fulfillment_method": Fulfillment.MANUAL} | wish
    if template is None and "license_id" not in given:
        template = priced()
    named = {"template_id": template.pk} if template else {}
    request = OrderRequest(tenant_id=tenant.pk, **named, **given)
    return place_order(request=request, at=at, origin=STAFF)


def pay(order: Order, amount: Any = None, reference: str = "T-1", *, at: datetime = NOW) -> Order:
    """Money for an order: all that it costs unless told otherwise."""
    return record_payment(
        order_id=order.pk,
        amount=order.total_amount if amount is None else Decimal(amount),
        method=PaymentMethod.BANK_TRANSFER,
        reference=reference,
        at=at,
        origin=STAFF,
    )


def approve(order: Order, *, at: datetime = NOW) -> Order:
    return approve_order(order_id=order.pk, at=at, origin=STAFF)


def fulfil(order: Order, *, at: datetime = NOW) -> Order:
    return fulfil_order(order_id=order.pk, at=at, origin=STAFF)


def bought(template: LicenseTemplate | None = None, *, at: datetime = NOW, **wish: Any) -> Order:
    """An order that was paid, approved and fulfilled."""
    return fulfil(approve(pay(place(template, at=at, **wish), at=at), at=at), at=at)


def activate(
    key: str, fingerprint: str = "device-1", *, at: datetime = NOW, **says: Any
) -> Activated:
    device = Device(fingerprint=fingerprint, machine_name=f"PC {fingerprint}", **says)
    return activation.activate_device(key=key, device=device, at=at, origin=DEVICE)


def give_back(token: str, *, at: datetime = NOW) -> Activation:
    """A device gives its seat back."""
    row = Activation.objects.get(token_digest=token_digest(token))
    return activation.deactivate(activation_id=row.pk, reason="", at=at, origin=DEVICE)


def report(
    license: License | None = None, *, at: datetime = NOW, origin: Origin = DEVICE, **says: Any
) -> Incident:
    """A device of that licence reports suspicious activity."""
    about = About()
    if license is not None:
        about = About(license.tenant_id, license.customer_id, license.pk, says.pop("device", None))
    given = {"activity_type": "TAMPERING_ATTEMPT", "description": "The binary was patched."} | says
    incident, _ = report_activity(about=about, at=at, origin=origin, **given)
    return incident
