"""Delivering a licence by e-mail, through the API."""

import pytest
from django.core import mail

from events.models import Event, Notice
from licenses.models import License
from tests import factories
from tests.contract.asking import issue
from tests.contract.test_errors import assert_told

pytestmark = pytest.mark.django_db


def test_deliver_answers_to_whom_and_which_notice(
    vendor, world, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = vendor.post(f"/licenses/{world.license.pk}/deliver", {"email": "a@b.example"})
    notice = Notice.objects.get()
    assert response.json() == {"data": {"sent_to": "a@b.example", "notice_id": str(notice.pk)}}
    assert (notice.state, len(mail.outbox)) == ("SENT", 1)
    assert world.key not in response.content.decode() + mail.outbox[0].body


def test_a_repeated_call_is_one_mail(vendor, world, django_capture_on_commit_callbacks):
    path = f"/licenses/{world.license.pk}/deliver"
    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            vendor.post(path, {"email": "a@b.example"}, Idempotency_Key="once") for _ in range(3)
        ]
    assert len({answer.content for answer in answers}) == 1
    assert (Notice.objects.count(), len(mail.outbox)) == (1, 1)
    assert_told(
        vendor.post(path, {"email": "c@d.example"}, Idempotency_Key="once"),
        409, "IDEMPOTENCY_KEY_REUSED",
    )  # fmt: skip


def test_writing_licences_is_not_enough_to_send_their_keys_about(caller_with, world):
    caller = caller_with("licenses:write", tenant=world.tenant)
    refused = caller.post(f"/licenses/{world.license.pk}/deliver", {"email": world.customer.email})
    assert_told(refused, 403, "SCOPE_REQUIRED")


def test_a_tenants_key_writes_to_no_stranger(caller_with, world):
    caller = caller_with("licenses:reveal", "licenses:write", tenant=world.tenant)
    path = f"/licenses/{world.license.pk}/deliver"
    assert_told(caller.post(path, {"email": "x@else.example"}), 403, "RECIPIENT_FORBIDDEN")
    assert caller.post(path, {"email": world.customer.email}).status_code == 200
    before = License.objects.count()
    body = {"template_id": str(world.template.pk), "issued_to": "Ada"}
    stranger = caller.post("/licenses", body | {"deliver_to": "x@else.example"})
    assert_told(stranger, 403, "RECIPIENT_FORBIDDEN")
    assert License.objects.count() == before
    assert caller.post("/licenses", body | {"deliver_to": world.customer.email}).status_code == 201


def test_a_reseller_delivers_nothing(caller_with):
    reseller = factories.make_tenant(is_reseller=True)
    license = factories.issue(tenant=factories.make_tenant(sold_by=reseller)).license
    caller = caller_with("*", tenant=reseller)
    refused = caller.post(f"/licenses/{license.pk}/deliver", {"email": "a@b.example"})
    assert_told(refused, 403, "RESELLER_READS_ONLY")
    assert not Notice.objects.exists()


@pytest.mark.parametrize("body", [{}, {"email": ""}, {"email": 7}, {"email": "nonsense"}])
def test_deliver_needs_an_address(vendor, world, body):
    told = assert_told(
        vendor.post(f"/licenses/{world.license.pk}/deliver", body), 400, "VALIDATION_ERROR"
    )
    assert told["error"]["details"].keys() == {"email"}


def test_create_delivers_and_a_mail_that_fails_fails_no_issue(
    vendor, world, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        shown = issue(vendor, world, deliver_to="ada@brenner.example")
    notice = Notice.objects.get()
    assert str(notice.license_id) == shown["id"]
    assert (notice.state, notice.last_error) == ("QUEUED", "ConnectionRefusedError")


def test_create_refuses_what_is_no_address_and_issues_nothing(vendor, world):
    before = License.objects.count()
    body = {"template_id": str(world.template.pk), "issued_to": "Ada", "deliver_to": "nonsense"}
    told = assert_told(
        vendor.post("/licenses", body, X_Tenant_ID=world.tenant.code), 400, "VALIDATION_ERROR"
    )
    assert told["error"]["details"].keys() == {"deliver_to"}
    assert License.objects.count() == before
    assert not Event.objects.filter(type="license.delivered").exists()
