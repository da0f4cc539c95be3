"""Whom and what the rows of a chunk name, looked up together and kept for the next chunk."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Q

from accounts.models import Customer, Tenant
from events import trail
from events.refusals import Refusal, invalid
from licenses.models import LicenseTemplate, Product
from licenses.services import entitlements, restricting
from licenses.services.entitlements import FeatureGrant
from licenses.services.importing.granted import Granted
from licenses.services.importing.rows import Asked
from licenses.services.kept_restrictions import Kept

_MOST_CUSTOMERS = 50_000


class Names:
    """What a file names. Tenants, products and templates are few; customers come by the chunk."""

    def __init__(self) -> None:
        self._tenants: dict[str, Tenant] = {}
        self._products: dict[str, Product] = {}
        self._templates: dict[str, list[LicenseTemplate]] = {}
        self._customers: dict[tuple[uuid.UUID, str], Customer] = {}
        self._salts: dict[uuid.UUID, bytes] = {}
        self._grants: dict[uuid.UUID, tuple[FeatureGrant, ...]] = {}
        self.granted = Granted()
        self._restrictions: dict[uuid.UUID, list[Kept]] = {}

    def look_up(self, rows: Sequence[Asked]) -> None:
        """Let everything that these rows name be known, in a handful of queries."""
        codes = {row.tenant for row in rows} - self._tenants.keys()
        if codes:
            found = Tenant.objects.filter(code__in=codes, active=True).select_related("sold_by")
            self._tenants |= {tenant.code: tenant for tenant in found}
        products = {row.product for row in rows if row.product} - self._products.keys()
        if products:
            known = Product.objects.prefetch_related("features")
            sold = known.filter(product_id__in=products, active=True)
            self._products |= {product.product_id: product for product in sold}
        self._look_up_templates({row.template for row in rows if row.template})
        self._look_up_customers(rows)

    def tenant(self, row: Asked) -> Tenant:
        """
        Return the tenant a row names.

        :raises TENANT_NOT_FOUND: if there is none
        """
        if (tenant := self._tenants.get(row.tenant)) is None:
            raise Refusal("TENANT_NOT_FOUND", tenant=row.tenant)
        return tenant

    def customer(self, row: Asked, tenant: Tenant) -> Customer | None:
        """
        Return the customer a row names by e-mail address or the tenant's own id, if it names one.

        :raises CUSTOMER_NOT_FOUND: if the tenant has none
        """
        if not row.customer:
            return None
        found = self._customers.get((tenant.pk, row.customer.lower()))
        if found is None:
            raise Refusal("CUSTOMER_NOT_FOUND", customer=row.customer)
        return found

    def template(self, row: Asked, tenant: Tenant) -> LicenseTemplate | None:
        """
        Return the template a row names, if it names one.

        :raises TEMPLATE_NOT_FOUND: if there is none on offer to the tenant
        :raises VALIDATION_ERROR: if several are called so
        """
        if not row.template:
            return None
        found = [
            template
            for template in self._templates.get(row.template, ())
            if template.reserved_for_id in (None, tenant.pk)
            and row.product in ("", template.product.product_id)
        ]
        if not found:
            raise Refusal("TEMPLATE_NOT_FOUND", template=row.template)
        if len(found) > 1:
            raise invalid(template="Several are called so; write its id.")
        return found[0]

    def product(self, row: Asked, template: LicenseTemplate | None) -> Product:
        """
        Return the product a row names, or its template's.

        :raises PRODUCT_NOT_FOUND: if there is none that is sold
        """
        if not row.product:
            if template is None:
                raise invalid(product_id="Name a product or a template.")
            return template.product
        if (product := self._products.get(row.product)) is None:
            raise Refusal("PRODUCT_NOT_FOUND", product_id=row.product)
        return product

    def grants_of(self, template: LicenseTemplate) -> tuple[FeatureGrant, ...]:
        """Return what a template grants."""
        if template.pk not in self._grants:
            self._grants[template.pk] = tuple(entitlements.grants_of(template))
        return self._grants[template.pk]

    def restrictions_of(self, template: LicenseTemplate) -> list[Kept]:
        """
        Return what a template restricts its licences to.

        :raises VALIDATION_ERROR: if it leaves something to be stated
        """
        if template.pk not in self._restrictions:
            self._restrictions[template.pk] = restricting.for_issue(None, {}, template)
        return self._restrictions[template.pk]

    def salts(self, customers: Iterable[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        """Return the customers' halves of the keys to personal data in the trail."""
        wanted = set(customers)
        if missing := wanted - self._salts.keys():
            self._salts |= trail.salts_for(missing)
        return self._salts

    def _look_up_templates(self, names: set[str]) -> None:
        missing = names - self._templates.keys()
        if not missing:
            return
        ids = {name for name in missing if _is_id(name)}
        found = (
            LicenseTemplate.objects.filter(Q(template_name__in=missing) | Q(pk__in=ids))
            .filter(active=True, product__active=True)
            .select_related("product")
            .prefetch_related("product__features", "features")
        )
        for template in found:
            for name in {template.template_name, str(template.pk)} & missing:
                self._templates.setdefault(name, []).append(template)

    def _look_up_customers(self, rows: Sequence[Asked]) -> None:
        """Look up whom these rows name and no chunk before did."""
        if len(self._customers) > _MOST_CUSTOMERS:
            # A file may name more of them than memory holds.
            self._customers = {}
        asked = {
            (tenant.pk, row.customer)
            for row in rows
            if row.customer and (tenant := self._tenants.get(row.tenant)) is not None
        }
        missing = [one for one in asked if (one[0], one[1].lower()) not in self._customers]
        if not missing:
            return
        named = {name for _, name in missing}
        of_tenants = Customer.objects.filter(tenant__in={pk for pk, _ in missing}, active=True)
        emails = named | {name.lower() for name in named}
        found = list(of_tenants.filter(Q(email__in=emails) | Q(external_id__in=named)))
        by_name = {(one.tenant_id, one.email.lower()): one for one in reversed(found)}
        by_name |= {
            (one.tenant_id, one.external_id.lower()): one for one in found if one.external_id
        }
        # Nothing but the names that were looked for: by another one this was no search.
        keys = {(pk, name.lower()) for pk, name in missing}
        self._customers |= {key: by_name[key] for key in keys & by_name.keys()}


def _is_id(name: str) -> bool:
    try:
        return bool(uuid.UUID(name))
    except ValueError:
        return False
