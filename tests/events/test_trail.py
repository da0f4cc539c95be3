"""The trail: what is told, what is masked, and that nothing is rewritten."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from events import trail, vault
from events.models import AppendOnly, Event, PersonKey
from events.trail import Origin
from tests.clock import NOW

pytestmark = pytest.mark.django_db
WHO = Origin("staff", "7", "ada@tern-vale.example", "192.0.2.9", "req-9")
CUSTOMER = uuid.uuid4()


def recorded(**more: object) -> Event:
    given = {"at": NOW, "origin": WHO, "customer_id": CUSTOMER} | more
    return trail.record("customer.updated", **given)  # type: ignore[arg-type]


def test_secrets_are_told_to_have_changed_and_never_what_they_were() -> None:
    event = recorded(changes={"license_key": ("AAAA-1111", "BBBB-2222"), "units": (1, 2)})

    assert event.changes == {
        "license_key": {"before": "***", "after": "***"},
        "units": {"before": 1, "after": 2},
    }


def test_personal_data_is_sealed_at_rest_and_read_with_the_persons_key() -> None:
    event = recorded(changes={"email": ("old@brenner.example", "new@brenner.example")})

    row = repr(Event.objects.values().get())
    assert "brenner.example" not in row
    assert "192.0.2.9" not in row
    assert "ada@" not in row
    shown = trail.unsealed(event, trail.salts_of([event]))
    assert shown["ip_address"] == "192.0.2.9"
    assert shown["actor_label"] == "ada@tern-vale.example"
    assert shown["changes"]["email"] == {
        "before": "old@brenner.example",
        "after": "new@brenner.example",
    }


def test_a_person_is_forgotten_while_the_row_stays() -> None:
    event = recorded(changes={"email": (None, "new@brenner.example")})

    PersonKey.objects.filter(person_id=CUSTOMER).delete()

    shown = trail.unsealed(event, trail.salts_of([event]))
    assert shown["ip_address"] == "forgotten"
    assert shown["changes"]["email"] == {"before": None, "after": "forgotten"}
    assert Event.objects.count() == 1


def test_a_buyers_name_is_sealed_and_one_that_was_written_in_clear_is_still_read() -> None:
    event = recorded(changes={"issued_to": ("Ada", "Ada King")})

    assert "Ada" not in str(event.changes)
    event.changes["name"] = {"before": None, "after": "Ada"}
    shown = trail.unsealed(event, trail.salts_of([event]))["changes"]
    assert shown["issued_to"] == {"before": "Ada", "after": "Ada King"}
    assert shown["name"] == {"before": None, "after": "Ada"}


def test_what_became_true_is_told_apart_from_when_it_was_written() -> None:
    event = recorded(occurred_at=NOW - timedelta(days=3))

    assert (event.occurred_at, event.recorded_at) == (NOW - timedelta(days=3), NOW)


def test_nothing_is_rewritten_through_the_orm() -> None:
    event = recorded()

    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        event.delete()
    with pytest.raises(AppendOnly):
        Event.objects.update(type="x")
    with pytest.raises(AppendOnly):
        Event.objects.all().delete()
    with pytest.raises(AppendOnly):
        Event.objects.bulk_update([event], ["type"])


@pytest.mark.parametrize(
    "sql", ["UPDATE events_event SET type = 'x'", "DELETE FROM events_event WHERE true"]
)
def test_postgresql_refuses_to_rewrite_history(sql: str) -> None:
    recorded()

    if connection.vendor != "postgresql":
        # SQLite has no such guard: whoever can write its file can write anything.
        assert connection.vendor == "sqlite"
        return
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Event.objects.get().type == "customer.updated"


def test_events_are_numbered_in_the_order_they_were_written() -> None:
    first, second = recorded(), recorded()

    assert second.sequence > first.sequence
    assert second.event_id != first.event_id


def test_an_event_leaves_with_the_change_it_tells_of() -> None:
    with transaction.atomic():
        recorded()
        transaction.set_rollback(True)

    assert not Event.objects.exists()


def test_a_stored_event_keeps_the_number_of_its_transaction_for_the_seals() -> None:
    number = Event.objects.filter(pk=recorded().pk).values_list("transaction_id", flat=True).get()

    assert (number > 0) == (connection.vendor == "postgresql")


def test_what_the_vault_seals_for_one_person_no_other_salt_opens() -> None:
    sealed = vault.encrypt_for(b"a" * 16, "secret")

    assert vault.decrypt_for(b"a" * 16, sealed) == "secret"
    with pytest.raises(vault.VaultError):
        vault.decrypt_for(b"b" * 16, sealed)
