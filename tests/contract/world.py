"""What the addresses of the API name: one row of everything."""

from dataclasses import dataclass
from typing import Any

from accounts.models import ApiKey, Customer, Tenant
from accounts.services.api_keys import create_api_key
from compliance.models import Incident
from events.models import Event, WebhookDelivery, WebhookEndpoint
from events.services.webhooks.endpoints import create_endpoint
from licenses.models import Activation, License, LicenseTemplate, NamedUser, Product
from orders.models import Invoice, Order
from tests import factories
from tests.factories import STAFF


@dataclass
class World:
    """One tenant with a row of everything that a path can name."""

    tenant: Tenant
    customer: Customer
    product: Product
    template: LicenseTemplate
    license: License
    key: str
    activation: Activation
    api_key: ApiKey
    named: NamedUser
    incident: Incident
    order: Order
    invoice: Invoice
    endpoint: WebhookEndpoint
    delivery: WebhookDelivery

    @classmethod
    def make(cls, at: Any) -> "World":
        tenant = factories.make_tenant()
        product = factories.make_product("reports")
        issued = factories.issue(tenant=tenant, product=product, at=at)
        factories.activate(issued.key, at=at)
        factories.release(product, "4.2", at)
        api_key, _ = create_api_key(
            name="to be revoked", scopes=["events:read"], tenant=tenant, at=at, origin=STAFF
        )
        template = factories.priced(factories.make_template(product, reserved_for=tenant))
        # Approved, so that there is an invoice; nothing was paid.
        order = factories.place(template, tenant=tenant, at=at)
        factories.approve(order, at=at)
        endpoint, _ = create_endpoint(
            url="https://hooks.brenner.example/licences",
            event_types=["license.*"],
            tenant_id=tenant.pk,
            at=at,
            origin=STAFF,
        )
        return cls(
            tenant=tenant,
            customer=factories.make_customer(tenant),
            product=product,
            template=template,
            license=issued.license,
            key=issued.key,
            activation=issued.license.activations.get(),
            api_key=api_key,
            named=issued.license.named_users.create(
                identity="ada", assigned_at=at, unassigned_at=at
            ),
            incident=factories.report(issued.license, at=at),
            order=order,
            invoice=order.invoices.get(),
            endpoint=endpoint,
            delivery=endpoint.deliveries.create(
                event=Event.objects.get(type="license.issued", license_id=issued.license.pk),
                queued_at=at,
                due_at=at,
            ),
        )

    def path(self, template: str) -> str:
        """Return the address with this world's ids in it."""
        return template.format(
            tenant_id=self.tenant.pk,
            customer_id=self.customer.pk,
            product_id=self.product.product_id,
            feature_id="reports",
            version="4.2",
            template_id=self.template.pk,
            license_id=self.license.pk,
            license_key=self.key,
            activation_id=self.activation.pk,
            api_key_id=self.api_key.pk,
            user_id=self.named.pk,
            incident_id=self.incident.pk,
            order_id=self.order.pk,
            invoice_id=self.invoice.pk,
            endpoint_id=self.endpoint.pk,
            delivery_id=self.delivery.pk,
        )
