"""Digests, encryption and rings that rotate."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from events import vault
from events.vault import VaultError

OLD, NEW = "old-" + "o" * 40, "new-" + "n" * 40


@pytest.fixture(autouse=True)
def _locked_again() -> Iterator[None]:
    yield
    vault.unlock(
        digest_keys=settings.DIGEST_KEYS,
        encryption_keys=settings.ENCRYPTION_KEYS,
        token_keys=settings.TOKEN_KEYS,
    )


def unlock(*secrets: str) -> None:
    vault.unlock(digest_keys=secrets, encryption_keys=secrets, token_keys=secrets)


def test_what_an_old_key_wrote_is_read_and_written_anew_under_the_newest() -> None:
    unlock(OLD)
    sealed = vault.encrypt("AAAA-BBBB")

    unlock(NEW, OLD)
    assert vault.decrypt(sealed) == "AAAA-BBBB"
    rotated = vault.rotate(sealed)
    unlock(NEW)

    assert vault.decrypt(rotated) == "AAAA-BBBB"
    with pytest.raises(VaultError):
        vault.decrypt(sealed)


def test_rows_digested_under_an_old_key_are_found_and_new_ones_use_the_newest() -> None:
    unlock(OLD)
    stored = vault.digest("license_key", "AAAA")

    unlock(NEW, OLD)

    assert stored in vault.digests("license_key", "AAAA")
    assert vault.digests("license_key", "AAAA")[0] == vault.digest("license_key", "AAAA") != stored


def test_a_purpose_keeps_equal_texts_apart() -> None:
    assert vault.digest("fingerprint", "x") != vault.digest("license_key", "x")


def test_a_token_made_under_an_old_key_is_made_again_as_it_was() -> None:
    unlock(OLD)
    version = vault.token_version()
    made = vault.token_mac(b"activation", version=version)

    unlock(NEW, OLD)

    assert vault.token_mac(b"activation", version=version) == made
    assert vault.token_version() != version
    unlock(NEW)
    with pytest.raises(VaultError):
        vault.token_mac(b"activation", version=version)


def test_personal_data_survives_a_new_key_as_long_as_the_old_one_stays_in_the_ring() -> None:
    unlock(OLD)
    sealed = vault.encrypt_for(b"s" * 16, "192.0.2.1")

    unlock(NEW, OLD)

    assert vault.decrypt_for(b"s" * 16, sealed) == "192.0.2.1"


@pytest.mark.parametrize("secrets", [(), ("short",), (OLD, OLD)])
def test_a_ring_that_would_not_protect_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(VaultError):
        unlock(*secrets)


@pytest.mark.parametrize("damaged", ["", "p1", "px.AAAA", "p1.A"])
def test_what_is_no_sealed_text_opens_with_nothing(damaged: str) -> None:
    with pytest.raises(VaultError):
        vault.decrypt_for(b"s" * 16, damaged)
