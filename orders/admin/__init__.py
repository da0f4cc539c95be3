"""The admin of what things cost: rows and acts on the pages of what is sold."""

from django.utils.translation import gettext_lazy as _

from accounts.admin import events
from licenses import pages
from orders.admin import duplicating, gateway_events
from orders.admin.pricing import BandInline, PricingInline, store_price
from orders.selectors.sentences import SENTENCES

__all__ = ["gateway_events"]

events.TYPES.update(SENTENCES)

pages.template_parts.append(
    pages.TemplatePart(inlines=(PricingInline, BandInline), store=store_price)
)
pages.template_acts.append(
    pages.TemplateAct(
        name="duplicate",
        label=_("Duplicate"),
        scope="templates:write",
        view=duplicating.page_of,
    )
)
