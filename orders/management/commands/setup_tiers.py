"""`manage.py setup_tiers`: Solo, Team and Enterprise templates for a product."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusable import RefusableCommand
from licenses.models import Product
from orders.services.tiers import setup_tiers


class Command(RefusableCommand):
    """What is there already stays as it is."""

    help = (
        "Make three templates for a product, 365 days each: Solo with 3 seats, Team with 10,\n"
        "Enterprise without a limit. May be repeated.\n\n"
        "    manage.py setup_tiers strata-desktop --base-price 390 --currency EUR"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("product", help="its product id")
        parser.add_argument("--base-price", default="0", help="Solo's price for a year")
        parser.add_argument("--currency", default="EUR")

    def handle(self, *args: Any, **options: Any) -> None:
        product = Product.objects.filter(product_id=options["product"]).first()
        if product is None:
            raise CommandError(f"PRODUCT_NOT_FOUND: no product has the id {options['product']}.")
        tiers = setup_tiers(
            product=product,
            base_price=_price(options["base_price"]),
            currency=options["currency"].upper(),
            at=timezone.now(),
            origin=self.origin,
        )
        for template, is_new in tiers:
            seats = "unlimited" if template.overage == "UNLIMITED" else template.max_activations
            made = "made" if is_new else "there already"
            self.stdout.write(f"{template.template_name}: {seats} seats, {made}")


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        raise CommandError("--base-price: zero or more, as 390 or 390.50.")
    return price
