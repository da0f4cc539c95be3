"""Emergency codes at the devices' doors."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from licenses.models import Activation, EmergencyCode, License
from licenses.services.emergency import issue_code
from tests.clock import NOW
from tests.factories import STAFF, issue
from tests.licenses.device_api.conftest import Call

pytestmark = pytest.mark.django_db
YEARS_AGO, DAY = NOW - timedelta(days=800), timedelta(days=1)
END = NOW + DAY


def in_need(**terms: Any) -> tuple[str, Any]:
    """The key of a licence that has ended, and a code for it."""
    issued = issue(at=YEARS_AGO, **terms)
    made = issue_code(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    return issued.key, made


def activation(key: str, code: Any, **says: Any) -> dict[str, Any]:
    return {
        "license_key": key,
        "device_fingerprint": "my-device",
        "activation_type": "EMERGENCY",
        "emergency_code": code,
    } | says


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("form", ["signed", "typed"])
def test_a_device_is_let_in_served_and_let_go(call: Call, form: str) -> None:
    key, made = in_need()
    sent = activation(key, getattr(made, form))
    first = call("activations", sent)
    assert first.status_code == 201, first.content
    given = first.json()["data"]
    assert (given["activation_type"], given["units"], given["status"]) == ("EMERGENCY", 0, "ACTIVE")
    assert moment(given["emergency_until"]) == END
    again = call("activations", sent)
    assert (again.status_code, again.json()["data"]) == (200, given)

    token = {"activation_token": given["activation_token"]}
    told = call("activations/validate", token).json()["data"]
    assert (told["valid"], told["code"], moment(told["emergency_until"])) == (True, "VALID", END)
    beat = call("activations/heartbeat", {"revision": 0} | token).json()["data"]
    assert (beat["status"], moment(beat["emergency_until"])) == ("SUCCESS", END)
    by_key = {"license_key": key, "device_fingerprint": "my-device"}
    assert call("validate", by_key).json()["data"]["code"] == "VALID"
    assert call("validate", by_key | {"device_fingerprint": "x"}).json()["data"]["valid"] is False

    over = call("activations/validate", token, at=END).json()["data"]
    assert (over["valid"], over["code"], over["next_action"]) == (False, "LICENSE_EXPIRED", "renew")
    assert over["activation"]["status"] == "EXPIRED"
    assert "emergency_until" not in over
    assert call("activations/heartbeat", token, at=END).json()["data"]["status"] == "REFUSED"


def test_a_heartbeat_borrows_nothing_in_an_emergency(call: Call) -> None:
    key, made = in_need(license_type="CONCURRENT", expiry_date=NOW, max_borrow_days=7)
    given = call("activations", activation(key, made.typed)).json()["data"]
    assert "lease_expires_at" not in given
    sent = {"activation_token": given["activation_token"], "borrow_days": 1}
    refused = call("activations/heartbeat", sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "BORROW_NOT_ALLOWED")
    assert License.objects.get().current_activations == 0


@pytest.mark.parametrize(
    ("says", "status", "code"),
    [
        ({"emergency_code": "hello"}, 403, "EMERGENCY_CODE_INVALID"),
        ({"emergency_code": "a.b.c"}, 403, "EMERGENCY_CODE_INVALID"),
        ({"emergency_code": "x" * 60_000}, 403, "EMERGENCY_CODE_INVALID"),
        ({"emergency_code": ""}, 400, "VALIDATION_ERROR"),
        ({"emergency_code": None}, 400, "VALIDATION_ERROR"),
        ({"emergency_code": ["x"]}, 400, "VALIDATION_ERROR"),
        ({"emergency_code": "A\0"}, 400, "VALIDATION_ERROR"),
        ({"activation_type": "ONLINE"}, 400, "VALIDATION_ERROR"),
        ({"activation_type": "OFFLINE"}, 400, "USE_OFFLINE"),
        ({"device_fingerprint": "none"}, 400, "INVALID_FINGERPRINT"),
        ({"license_key": "0000-0000-0000-0000-0000"}, 404, "LICENSE_NOT_FOUND"),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(
    call: Call, says: dict[str, Any], status: int, code: str
) -> None:
    key, made = in_need()
    refused = call("activations", activation(key, made.typed, **says))
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not Activation.objects.exists()
    row = EmergencyCode.objects.get()
    assert (row.redeemed_at, row.wrong_tries) == (None, 0)
