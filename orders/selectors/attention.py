"""What of orders and money a person should look at."""

from licenses.selectors.glance import Count, capped
from orders.models import EventState, GatewayEvent


def messages_for_a_person() -> Count:
    """Return how many messages of gateways no rule could apply."""
    return capped(GatewayEvent.objects.filter(state=EventState.NEEDS_PERSON.value))
