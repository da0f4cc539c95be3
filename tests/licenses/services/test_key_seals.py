"""Stamps that no tenant is given twice, and signing keys made when they are needed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from events import vault
from events.models import Event
from licenses import keys
from licenses.keys import KeyScheme
from licenses.models import KeySigningKey, License
from licenses.services import key_seals, keyring, lifecycle
from licenses.services.key_seals import LicenseProof, LicenseSeal
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_product, make_tenant

MADE = ["STAMPED", "SIGNED", "TOKEN"]
SEALING = {"at": NOW, "origin": STAFF}
GIVEN = {"reason": "lost", **SEALING}


def sealed(license: License) -> LicenseSeal:
    return LicenseSeal(license, **SEALING)


class SealedAhead(LicenseSeal):
    """Takes stamps a hundred at a time."""

    _ahead: tuple[datetime, ...] = ()

    def stamp(self) -> datetime:
        first, *rest = self._ahead or key_seals.next_stamps(self._license.tenant_id, 100, at=NOW)
        self._ahead = tuple(rest)
        return first


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_stamped_keys_of_one_tenant_are_distinct() -> None:
    license = issue(key_scheme="STAMPED").license
    contents = keyring.contents_of(license, features=(), at=NOW)

    made = []
    # In a single transaction PostgreSQL would drag every version of the tenant's stamp along.
    for _ in range(10):
        for seal, number in ((sealed(license), 100), (SealedAhead(license, **SEALING), 900)):
            with transaction.atomic():
                made += [keys.make("STAMPED", contents, seal) for _ in range(number)]

    assert len(set(made)) == 10_000
    assert [key.split("-")[2] for key in made] == sorted(key.split("-")[2] for key in made)


@pytest.mark.django_db
def test_stamps_rise_though_the_clock_goes_back_and_tenants_do_not_share_them() -> None:
    one, other = make_tenant(), make_tenant()

    first = key_seals.next_stamps(one.pk, 3, at=NOW)
    then = key_seals.next_stamps(one.pk, 1, at=NOW - timedelta(days=1))

    tick = timedelta(microseconds=1)
    assert first + then == [NOW, NOW + tick, NOW + 2 * tick, NOW + 3 * tick]
    assert key_seals.next_stamps(other.pk, 1, at=NOW) == [NOW]
    later = NOW + timedelta(hours=1)
    assert key_seals.next_stamps(one.pk, 1, at=later) == [later]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", MADE)
def test_twenty_issuers_in_one_instant_make_twenty_keys_with_one_signing_key(scheme: str) -> None:
    tenant, product = make_tenant(), make_product()

    def one_more(_: int) -> str:
        try:
            return issue(tenant=tenant, product=product, key_scheme=scheme).key
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        made = set(threads.map(one_more, range(20)))

    assert len(made) == License.objects.count() == 20
    assert KeySigningKey.objects.count() == (0 if scheme == "STAMPED" else 1)
    assert all(keys.is_genuine(scheme, key, LicenseProof()) for key in made)


@pytest.mark.django_db
def test_a_product_has_one_signing_key_sealed_and_told_in_the_trail() -> None:
    product = make_product()
    for scheme in ("SIGNED", "TOKEN", "SIGNED"):
        issue(product=product, key_scheme=scheme)

    signing = KeySigningKey.objects.get(product=product)
    told = Event.objects.get(type="signing_key.created")
    assert told.changes["kid"]["after"] == signing.kid
    assert signing.private_ciphertext not in repr(told.changes)
    assert vault.decrypt(signing.private_ciphertext) not in repr(vars(signing))
    with pytest.raises(IntegrityError), transaction.atomic():
        KeySigningKey.objects.create(product=product, kid="0" * 16, public_key=b"", created_at=NOW)


@pytest.mark.django_db
def test_keys_of_a_replaced_signing_key_stay_genuine() -> None:
    product = make_product()
    old = issue(product=product, key_scheme="SIGNED").key
    KeySigningKey.objects.update(replaced_at=NOW)

    new = issue(product=product, key_scheme="SIGNED").key

    assert KeySigningKey.objects.count() == 2
    assert keys.is_genuine("SIGNED", old, LicenseProof())
    assert keys.is_genuine("SIGNED", new, LicenseProof())


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", list(keys.MADE_HERE))
def test_reissuing_and_transfer_keep_the_form_and_end_the_old_key(scheme: str) -> None:
    product = make_product("reports", key_prefix="TERN", key_version="v1")
    issued = issue(product=product, key_scheme=scheme)
    product.key_prefix = product.key_version = ""
    product.save()

    reissued = keyring.reissue_key(license_id=issued.license.pk, **GIVEN)
    elsewhere = make_customer()
    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_issued_to="Oslo office",
        new_customer_id=elsewhere.pk,
        across_tenants=True,
        deactivate_existing=False,
        **GIVEN,
    )
    moved = keyring.reveal_key(license_id=issued.license.pk, **GIVEN)

    assert len({issued.key, reissued.key, moved}) == 3
    for key in (issued.key, reissued.key, moved):
        found = keys.recognise(key)
        assert found is not None
        assert found[0] == scheme
        if scheme != KeyScheme.GROUPED:
            assert key.startswith("TERN-")
    if scheme == KeyScheme.SIGNED:
        assert moved.startswith("TERN-v1-")
    if scheme == KeyScheme.STAMPED:
        assert moved.startswith(f"TERN-{elsewhere.tenant.code}-")
    assert activate(moved).is_new


@pytest.mark.django_db
def test_renewal_suspension_and_transfer_inside_a_tenant_break_no_honest_key() -> None:
    tenant = make_tenant()
    for scheme in MADE:
        issued = issue(tenant=tenant, key_scheme=scheme)
        given = {"license_id": issued.license.pk, "at": NOW, "origin": STAFF}
        lifecycle.renew_license(duration_months=12, **given)
        lifecycle.transfer_license(
            new_issued_to="Oslo office", reason="moved", deactivate_existing=False, **given
        )

        assert activate(issued.key, at=NOW + timedelta(days=500)).is_new
        assert keyring.reveal_key(reason="asked", **given) == issued.key
