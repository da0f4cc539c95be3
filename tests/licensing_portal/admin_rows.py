"""A row for every page of the admin."""

from django.utils import timezone

from accounts.services.api_keys import create_api_key
from events.models import Event, Notice
from events.services.webhooks.endpoints import create_endpoint
from licenses.models import RootKey, SigningKey
from licenses.services import blacklist
from licenses.services.signing_keys import signer_for
from orders.gateways import Told
from orders.services import inbox
from tests.clock import NOW
from tests.factories import (
    STAFF,
    activate,
    approve,
    issue,
    make_customer,
    make_template,
    pay,
    place,
    priced,
    release,
    report,
)
from tests.licenses.services.offline.carried import answer, request
from tests.staff import make_staff


def row_for_every_page():
    """Make them, and give their ids by model."""
    # Names hold its seats.
    template = make_template(license_type="NAMED_USER")
    customer = make_customer()
    issued = issue(
        tenant=customer.tenant,
        customer_id=customer.pk,
        template_id=template.pk,
        license_type="NAMED_USER",
        deliver_to=customer.email,
    )
    activate(issued.key, user_identity="ada")
    device = issued.license.activations.get().pk
    answer(issued.license, request(issued.key, user_identity="ada"), at=timezone.now())
    key, _ = create_api_key(name="Billing", scopes=["licenses:read"], at=NOW, origin=STAFF)
    staff = make_staff(group="support")
    bar = blacklist.blacklist_device(fingerprint="machine", reason="Stolen.", at=NOW, origin=STAFF)
    signer_for(product_id=template.product.pk, at=NOW, origin=STAFF)
    told = {"url": "https://8.8.8.8/", "event_types": ["*"], "at": NOW, "origin": STAFF}
    endpoint, _ = create_endpoint(**told)
    delivery = endpoint.deliveries.create(event=Event.objects.first(), queued_at=NOW, due_at=NOW)
    order = approve(pay(place(priced(template), tenant=customer.tenant)))
    message = Told(event_id="1", type="payment.succeeded", occurred_at=NOW, order_number="none")
    return {
        "orders_gatewayevent": inbox.keep(gateway="signed", told=message, at=NOW).pk,
        "accounts_tenant": customer.tenant.pk,
        "accounts_customer": customer.pk,
        "accounts_user": staff.pk,
        "accounts_apikey": key.pk,
        "auth_group": staff.groups.get().pk,
        "compliance_incident": report(issued.license).pk,
        "events_event": Event.objects.first().pk,
        "events_notice": Notice.objects.get().pk,
        "events_webhookendpoint": endpoint.pk,
        "events_webhookdelivery": delivery.pk,
        "licenses_activation": device,
        "licenses_blacklisteddevice": bar.pk,
        "licenses_license": issued.license.pk,
        "licenses_offlinerequest": issued.license.offline_requests.get().pk,
        "licenses_nameduser": issued.license.named_users.get().pk,
        "licenses_product": template.product.pk,
        "licenses_release": release(template.product, "4.2", NOW).pk,
        "licenses_licensetemplate": template.pk,
        "licenses_signingkey": SigningKey.objects.get().pk,
        "licenses_rootkey": RootKey.objects.get().pk,
        "orders_order": order.pk,
        "orders_invoice": order.invoices.get().pk,
        "orders_payment": order.payments.get().pk,
    }
