"""`manage.py issue_license`: a licence from a template, and its key."""

import uuid
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from accounts.models import Customer, Tenant
from events.refusals import Refusal
from licenses.models import License, LicenseTemplate
from licenses.services.issuing import Issued, IssueRequest, issue_license


class Command(RefusableCommand):
    """Prints the key alone on the last line."""

    help = (
        "Issue a licence; its key is the last line.\n\n"
        "    manage.py issue_license --customer vik@brenner.example \\\n"
        "        --template 'Strata Viewer Solo'\n"
        "    KEY=$(manage.py issue_license --tenant BRENNER --to 'Oslo office' \\\n"
        "        --template 'Strata Viewer Team' --seats 25 | tail -1)"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", help="id, external id or e-mail of the customer")
        parser.add_argument("--tenant", metavar="CODE", help="needed where no customer tells it")
        parser.add_argument("--template", required=True, help="id or name of the template")
        parser.add_argument("--to", metavar="NAME", help="issued to; default: the customer's name")
        parser.add_argument("--seats", type=int, help="instead of the template's")
        parser.add_argument(
            "--another-trial",
            metavar="REASON",
            default="",
            help="allow a further trial of the product, and say why",
        )
        parser.add_argument("--send", action="store_true", help="mail the customer the key too")
        parser.add_argument("--days", type=int, help="term, instead of the template's")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = self._tenant(options["tenant"])
        customer = self._customer(options["customer"], tenant)
        owner = tenant or (customer and customer.tenant)
        if owner is None:
            raise CommandError("Name a --customer or a --tenant.")
        if options["send"] and customer is None:
            raise CommandError("--send needs a --customer, whose address it is mailed to.")
        request = IssueRequest(
            tenant_id=owner.pk,
            customer_id=customer.pk if customer else None,
            template_id=_template(options["template"]).pk,
            issued_to=options["to"] or (customer.name if customer else owner.name),
            max_activations=options["seats"],
            duration_days=options["days"],
            trial_override_reason=options["another_trial"],
            deliver_to=customer.email if customer and options["send"] else "",
        )
        issued = self._issued(request)
        license = issued.license
        self.stdout.write(f"{license.product_name} for {license.issued_to}, {license.status}")
        self.stdout.write(f"{_seats(license)}, {_term(license)}, id {license.pk}")
        if customer and options["send"]:
            self.stdout.write(f"To be mailed to {customer.email} by the worker")
        self.stdout.write(issued.key)

    def _issued(self, request: IssueRequest) -> Issued:
        try:
            return issue_license(request=request, at=timezone.now(), origin=self.origin)
        except Refusal as refusal:
            if refusal.code != "TRIAL_ALREADY_USED":
                raise
            raise CommandError(
                "TRIAL_ALREADY_USED: the customer has had a trial of this product;"
                " --another-trial REASON allows one more."
            ) from None

    def _tenant(self, code: str | None) -> Tenant | None:
        if code is None:
            return None
        tenant = Tenant.objects.filter(code=code).first()
        if tenant is None:
            raise CommandError(f"TENANT_NOT_FOUND: no tenant has the code {code}.")
        return tenant

    def _customer(self, name: str | None, tenant: Tenant | None) -> Customer | None:
        if name is None:
            return None
        customers = Customer.objects.select_related("tenant").filter(active=True)
        if tenant is not None:
            customers = customers.filter(tenant=tenant)
        by_id = uuid_of(name)
        found = list(
            customers.filter(pk=by_id)
            if by_id
            else customers.filter(external_id=name) or customers.filter(email__iexact=name)
        )
        if len(found) != 1:
            many = f"{len(found)} customers are called" if found else "no customer is called"
            raise CommandError(f"CUSTOMER_NOT_FOUND: {many} {name}; name the --tenant or the id.")
        return found[0]


def _template(name: str) -> LicenseTemplate:
    by_id = uuid_of(name)
    templates = LicenseTemplate.objects.filter(active=True)
    found = list(templates.filter(pk=by_id) if by_id else templates.filter(template_name=name))
    if len(found) != 1:
        many = f"{len(found)} templates are called" if found else "no template is called"
        way_on = "; write the id of one" if found else ""
        raise CommandError(f"TEMPLATE_NOT_FOUND: {many} {name!r}{way_on}.")
    return found[0]


def _seats(license: License) -> str:
    if license.unlimited:
        return "seats without limit"
    return "1 seat" if license.capacity == 1 else f"{license.capacity} seats"


def _term(license: License) -> str:
    if license.expiry_date:
        return f"until: {license.expiry_date:%Y-%m-%d %H:%M} UTC"
    days = license.duration_days
    return f"{days} days from its first device" if days else "until: no end"


def uuid_of(text: str) -> uuid.UUID | None:
    """Return the id that a text spells, or None if it is a name."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
