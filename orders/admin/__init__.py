"""The admin of what things cost: rows on the pages of what is sold."""

from licenses import pages
from orders.admin.pricing import PricingInline, store_price

pages.template_parts.append(pages.TemplatePart(inline=PricingInline, store=store_price))
