"""Whether e-mails reach a customer."""

import uuid
from contextlib import suppress

from accounts.models import Customer
from events.models import Notice, NoticeState
from events.models.notice import RETURNED
from events.selectors.recipients import recipients_of

_LOOKED_AT = 10
_ENDED = (*RETURNED, NoticeState.SENT)


def failing_mail(customer_id: str) -> Notice | None:
    """
    Return the last mail to a customer's present address if it failed or came back, else None.

    One that left since, and did not come back, says that the address works.
    """
    customer = None
    with suppress(ValueError):
        customer = Customer.objects.filter(pk=uuid.UUID(customer_id)).first()
    if customer is None:
        return None
    ended = Notice.objects.filter(customer_id=customer.pk, state__in=_ENDED)
    newest = list(ended.order_by("-id")[:_LOOKED_AT])
    addresses = recipients_of(newest)
    same = (one for one in newest if addresses.get(one.pk, "").lower() == customer.email.lower())
    last = next(same, None)
    return last if last is not None and last.state in RETURNED else None
