import ast
import re
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.admin.events import TYPES
from events import trail
from events.models import Event
from events.refusals import Refusal
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/events/event/"


@pytest.fixture
def staff():
    return signed_in("events:read")


def found(client, **query):
    return [row.type for row in client.get(LIST, query).context["cl"].result_list]


def test_what_is_sealed_is_opened_for_whoever_may_read_events(staff):
    customer = make_customer()
    event = trail.record(
        "customer.updated",
        at=NOW,
        origin=trail.Origin("staff", "7", "support@tern-vale.example", "203.0.113.9"),
        customer_id=customer.pk,
        changes={"email": ("old@brenner.example", "new@brenner.example")},
    )
    assert "support@tern-vale.example" in staff.get(LIST).content.decode()
    page = staff.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    for words in ("203.0.113.9", "old@brenner.example → new@brenner.example"):
        assert words in page


def test_the_trail_is_narrowed_by_type_tenant_and_licence(staff):
    issued, other = issue(), issue()
    trail.record("tenant.updated", at=NOW, origin=STAFF, tenant_id=other.license.tenant_id)
    assert found(staff, type="tenant.updated") == ["tenant.updated"]
    assert found(staff, q=str(issued.license.pk)) == ["license.issued"]
    assert found(staff, q=issued.license.key_hint) == ["license.issued"]
    assert found(staff, q="nonsense") == []
    tenant = {"tenant__id__exact": str(other.license.tenant_id)}
    assert found(staff, **tenant) == ["tenant.updated", "license.issued"]


def test_a_page_of_events_asks_for_all_keys_at_once(staff, django_assert_num_queries):
    for _ in range(5):
        customer = make_customer()
        issue(tenant=customer.tenant, customer_id=customer.pk)
    staff.get(LIST)
    # Session, person, second factor, two of permissions, count, rows, salts, licences.
    with django_assert_num_queries(9):
        staff.get(LIST)


def test_a_line_says_in_words_what_happened_to_which_licence_and_why(staff):
    issued = issue(max_activations=1)
    activate(issued.key, "a")
    with pytest.raises(Refusal):
        activate(issued.key, "b")
    event = Event.objects.get(type="activation.refused")
    for path in (LIST, reverse("admin:events_event_change", args=[event.pk])):
        page = staff.get(path).content.decode()
        for words in (
            "Activation refused",
            "Free a device or add seats",
            f"/admin/licenses/license/{issued.license.pk}/change/",
            f"{issued.license.product_name} …-{issued.license.key_hint}",
        ):
            assert words in page
    assert "ACTIVATION_LIMIT_EXCEEDED" in page


def test_nothing_of_the_trail_can_be_changed(staff):
    issue()
    event = Event.objects.get()
    page = reverse("admin:events_event_change", args=[event.pk])
    assert staff.post(page, {"reason": "rewritten"}).status_code == 403
    event.refresh_from_db()
    assert event.reason == ""


def recorded():
    """Every type of event that a rule names, read from the rules themselves."""
    root = Path(__file__).resolve().parents[3]
    rules = root.glob("*/services/**/*.py")
    named = (node for path in rules for node in ast.walk(ast.parse(path.read_text())))
    texts = {node.value for node in named if isinstance(node, ast.Constant)}
    sql = r"excluded\.|[a-z]\."
    return {text for text in texts if re.fullmatch(rf"(?!{sql})[a-z_]+\.[a-z_]+", str(text))}


def test_every_type_that_is_recorded_is_on_offer_and_no_other():
    assert {"license.issued", "tenant.created"} <= recorded()
    assert recorded() == set(TYPES)
