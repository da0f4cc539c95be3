"""Emergency codes that are forged or guessed."""

from typing import Any

import pytest

from events.models import Event, Notice
from licenses.keys import spoken
from licenses.models import Activation, EmergencyCode, License
from licenses.models.emergency import MOST_WRONG_TRIES
from licenses.selectors import signers
from licenses.services import emergency, redeeming
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, signed
from tests.clock import NOW
from tests.factories import STAFF, issue
from tests.licenses.services.need import END, make, redeem, refusal

pytestmark = pytest.mark.django_db


def forged(license: License, **claims: Any) -> str:
    """A code that our own key signed, and of which we know nothing."""
    stated = {"aud": license.product.product_id, "sub": str(license.pk), "jti": "x"} | claims
    signer = signer_for(product_id=license.product_id, at=NOW, origin=STAFF)
    return signed(Kind.EMERGENCY_CODE, stated, signer=signer, issued_at=NOW, expires_at=END)


def test_a_signed_code_is_believed_only_if_its_row_says_the_same() -> None:
    issued, other = issue(), issue()
    jti = str(make(issued.license).row.pk)
    product = issued.license.product
    other_kind = signed(
        Kind.LICENSE_FILE,
        {"aud": product.product_id, "sub": str(issued.license.pk), "jti": jti},
        signer=signer_for(product_id=product.pk, at=NOW, origin=STAFF),
        issued_at=NOW,
        expires_at=END,
    )
    for text in (
        forged(issued.license),
        forged(issued.license, jti=str(other.license.pk)),
        forged(issued.license, jti=jti, sub=str(other.license.pk)),
        forged(issued.license, jti=jti, aud="another"),
        make(other.license).signed,
        make(issued.license).signed[:-4] + "AAAA",
        other_kind,
        "a.b.c",
        ".",
    ):
        assert refusal(issued.key, text) == "EMERGENCY_CODE_INVALID"
    assert not Activation.objects.exists()
    assert set(EmergencyCode.objects.values_list("wrong_tries", flat=True)) == {0}


def test_a_code_of_a_compromised_key_is_worth_nothing_but_its_typed_form_is() -> None:
    issued = issue()
    code = make(issued.license)
    issued.license.product.signing_keys.update(compromised_at=NOW)
    signers.look_again()
    assert refusal(issued.key, code.signed) == "EMERGENCY_CODE_INVALID"
    assert redeem(issued.key, code.typed).is_new


def test_attack_27_five_wrong_codes_and_the_typed_form_is_dead() -> None:
    issued = issue()
    code = make(issued.license)
    for _ in range(MOST_WRONG_TRIES):
        assert refusal(issued.key, spoken.make()) == "EMERGENCY_CODE_INVALID"
    for text in (code.typed, spoken.make()):
        assert refusal(issued.key, text, "device-2") == "EMERGENCY_CODE_LOCKED"
    row = EmergencyCode.objects.get()
    assert (row.wrong_tries, row.locked, row.redeemed_at) == (5, True, None)
    event = Event.objects.filter(type=redeeming.LOCKED).get()
    assert event.changes["number"]["after"] == 1
    told = Notice.objects.filter(kind=emergency.NOTICE)
    assert sorted(one.dedup_key.split(":")[1] for one in told) == ["issued", "locked"]
    assert not Activation.objects.exists()
    # Nobody guesses a signature.
    assert redeem(issued.key, code.signed).is_new


def test_attack_27_a_slip_is_no_try_and_a_redeemed_code_cannot_be_locked() -> None:
    issued = issue()
    code = make(issued.license)
    token = redeem(issued.key, code.typed).token
    waiting = make(issued.license).row
    slip = code.typed[:-1] + ("0" if code.typed[-1] != "0" else "1")
    for text in (slip, "hello", "", "\0"):
        assert refusal(issued.key, text) == "EMERGENCY_CODE_INVALID"
    assert EmergencyCode.objects.get(pk=waiting.pk).wrong_tries == 0
    for _ in range(MOST_WRONG_TRIES):
        refusal(issued.key, spoken.make(), "device-2")
    assert EmergencyCode.objects.get(pk=waiting.pk).locked
    assert not EmergencyCode.objects.get(pk=code.row.pk).wrong_tries
    assert redeem(issued.key, code.typed).token == token


def test_attack_27_where_there_is_no_code_a_guess_hears_the_same() -> None:
    issued, other = issue(), issue()
    theirs = make(other.license)
    assert refusal(issued.key, theirs.typed) == "EMERGENCY_CODE_INVALID"
    assert refusal(issued.key, theirs.signed) == "EMERGENCY_CODE_INVALID"
    assert EmergencyCode.objects.get().wrong_tries == 0
