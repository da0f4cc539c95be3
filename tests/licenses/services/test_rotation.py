"""Rotating what is at rest."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from events import vault
from events.refusals import Refusal
from licenses import keys
from licenses.keys import MADE_HERE
from licenses.models import License, RootKey, SigningKey
from licenses.restrictions import findings
from licenses.selectors import signers, snapshots, whereabouts
from licenses.services import (
    key_seals,
    keyring,
    restricting,
    root_keys,
    rotation,
    signing_keys,
)
from licenses.signing import thumbprint
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, make_template
from tests.licenses.services.offline.carried import answer
from tests.licenses.services.offline.carried import request as offline_request

pytestmark = pytest.mark.django_db
NEW = "new-" + "n" * 40


def unlock(*newest: str, old: bool = True) -> None:
    vault.unlock(
        digest_keys=[*newest, *(settings.DIGEST_KEYS if old else [])],
        encryption_keys=[*newest, *(settings.ENCRYPTION_KEYS if old else [])],
        token_keys=settings.TOKEN_KEYS,
    )


@pytest.fixture(autouse=True)
def _as_configured() -> Iterator[None]:
    yield
    unlock()


def test_a_key_works_before_during_and_after_the_rotation() -> None:
    issued = [issue(key_scheme=scheme) for scheme in MADE_HERE]
    unlock(NEW)
    assert activate(issued[0].key).is_new

    call_command("rotate_keys")
    unlock(NEW, old=False)

    for number, one in enumerate(issued):
        assert activate(one.key, f"later-{number}").is_new
    for one in issued:
        keyring.reissue_key(license_id=one.license.pk, reason="lost", at=NOW, origin=STAFF)
    versions = License.objects.values_list("key_digest_version", flat=True).distinct()
    assert list(versions) == [vault.version_of(NEW.encode())]


def test_a_device_that_was_named_before_is_known_after_the_rotation() -> None:
    template = make_template()
    restricting.replace_in_template(
        template,
        [{"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "default_values": ["board-77"]}],
    )
    issued = issue(template_id=template.pk)
    early = activate(issued.key, "early", hardware_id="board-77")
    unlock(NEW)

    call_command("rotate_keys")
    unlock(NEW, old=False)

    kept = snapshots.load_by_key(
        vault.digest(snapshots.KEY, keys.parse(issued.key)), fingerprint=b""
    )
    rows = kept.license.restrictions
    by_then = whereabouts.of_device(early.snapshot.device, address=None)
    assert all(finding.passed for finding in findings(rows, by_then, at=NOW))
    assert activate(issued.key, "later", hardware_id="board-77").is_new
    other = issue(template_id=template.pk, product=None)
    assert activate(other.key, "another", hardware_id="board-77").is_new
    for stranger in (issued, other):
        with pytest.raises(Refusal) as refused:
            activate(stranger.key, "stranger", hardware_id="board-78")
        assert refused.value.code == "RESTRICTED_HARDWARE"


def test_it_goes_on_from_where_a_chunk_ended() -> None:
    for _ in range(3):
        issue()

    done, after = rotation.rotate_keys(chunk=2)
    rest, end = rotation.rotate_keys(after=after, chunk=2)

    assert (done, rest, end) == (2, 1, None)


def test_a_key_that_no_ring_opens_stops_it_in_words_and_changes_nothing() -> None:
    issue()
    before = License.objects.values().get()
    unlock(NEW, old=False)

    with pytest.raises(CommandError, match="no key of the ring opens this"):
        call_command("rotate_keys")

    assert License.objects.values().get() == before


def test_keys_that_sign_and_the_roots_file_open_under_the_new_key_alone() -> None:
    product = make_product()
    before = signing_keys.signer_for(product_id=product.pk, at=NOW, origin=STAFF)
    key_seals.signer_of(product.pk, at=NOW, origin=STAFF)
    unlock(NEW)
    call_command("rotate_keys")
    unlock(NEW, old=False)
    signers.look_again()
    again = signing_keys.signer_for(product_id=product.pk, at=NOW, origin=STAFF)
    assert again.key.private_bytes_raw() == before.key.private_bytes_raw()
    assert key_seals.signer_of(product.pk, at=NOW, origin=STAFF)
    root = root_keys.root_here(at=NOW, origin=STAFF)
    assert thumbprint(root.public_key()) == RootKey.objects.get().kid
    kept = settings.ROOTS_DIR / f"{RootKey.objects.get().kid}.key"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_roots_file_that_opens_with_no_key_stops_the_rotation_and_stays() -> None:
    signing_keys.signer_for(product_id=make_product().pk, at=NOW, origin=STAFF)
    kept = settings.ROOTS_DIR / f"{RootKey.objects.get().kid}.key"
    kept.write_text("of another ring")
    stored = SigningKey.objects.get().private_ciphertext
    with pytest.raises(CommandError, match="no key of the ring"):
        call_command("rotate_keys")
    assert kept.read_text() == "of another ring"
    assert SigningKey.objects.get().private_ciphertext == stored


def test_what_is_kept_of_devices_without_a_network_goes_under_the_newest_key() -> None:
    issued = [issue() for _ in range(3)]
    codes = [offline_request(one.key) for one in issued]
    answers = [answer(one.license, code) for one, code in zip(issued, codes, strict=True)]
    vault.unlock(
        digest_keys=settings.DIGEST_KEYS,
        encryption_keys=[NEW, *settings.ENCRYPTION_KEYS],
        token_keys=settings.TOKEN_KEYS,
    )
    assert rotation.rotate_offline(chunk=2) == 6
    vault.unlock(
        digest_keys=settings.DIGEST_KEYS, encryption_keys=[NEW], token_keys=settings.TOKEN_KEYS
    )
    for one, code, before in zip(issued, codes, answers, strict=True):
        assert answer(one.license, code) == before
