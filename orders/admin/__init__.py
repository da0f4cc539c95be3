"""The admin of what things cost and how they are paid; what stands on pages of what is sold."""

from django.utils.translation import gettext_lazy as _

from accounts.admin import events
from licenses import pages
from orders.admin import books, duplicating, gateway_events, orders, story
from orders.admin.pricing import BandInline, PricingInline, store_price
from orders.selectors.sentences import SENTENCES

__all__ = ["books", "gateway_events", "orders"]

events.TYPES.update(SENTENCES)

pages.panels.append(
    pages.Panel(
        title=_("Orders"),
        template="admin/orders/order/panel.html",
        scope="orders:read",
        facts=story.shown_of,
    )
)

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
