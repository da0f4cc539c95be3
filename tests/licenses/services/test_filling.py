"""Licences to measure on are like any other, but that their keys can be computed."""

from datetime import timedelta

import pytest

from events import vault
from licenses import keys
from licenses.models import License
from licenses.services import filling, keyring
from tests.clock import NOW
from tests.factories import activate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(filling, "_TENANTS", 2)
    monkeypatch.setattr(filling, "_CUSTOMERS_PER_TENANT", 2)
    monkeypatch.setattr(filling, "CHUNK", 3)


def fill(many):
    return list(filling.fill(licenses=many, seats=2, at=NOW))


def test_each_key_opens_its_own_licence_with_three_features():
    assert fill(5) == [0, 3, 5]
    seen = set()
    for number in range(5):
        found = activate(filling.key_of(number)).snapshot.license
        assert [feature.feature_id for feature in found.features] == ["alpha", "beta", "gamma"]
        assert found.capacity == 2
        seen.add(found.id)
    assert len(seen) == 5


def test_keys_have_the_form_of_real_ones_and_are_kept_as_those_are():
    fill(1)
    key = filling.key_of(0)
    license = License.objects.get(key_digest=vault.digest(keyring.PURPOSE, key))
    assert keys.parse(key) == key
    assert vault.decrypt(license.key_ciphertext) == key
    assert license.masked_key.endswith(key[-4:])


def test_called_again_for_more_it_adds_what_is_missing():
    fill(2)
    assert fill(4) == [2, 4]
    assert fill(4) == [4]
    assert License.objects.count() == 5


def test_all_of_them_work_today_and_their_column_says_so():
    fill(4)
    licenses = License.objects.all()
    assert {license.status_at(NOW).value for license in licenses} == {"ACTIVE"}
    assert {license.status for license in licenses} == {"ACTIVE"}
    assert not License.objects.behind_the_clock(NOW + timedelta(days=60)).exists()
