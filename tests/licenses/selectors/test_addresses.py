"""Addresses and their countries, by a file that may be replaced while it is used."""

import os

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from licenses.selectors import addresses
from licenses.selectors.addresses import country_of_address


def write(path: str, country: dict[str, object], *, versions: int = 4) -> None:
    """Put a new file in the place of the old one, as an update does."""
    writer = MMDBWriter(versions, "Test-Country", languages=["en"])
    writer.insert_network(IPSet(["192.0.2.0/24"]), country)
    writer.to_db_file(f"{path}.new")
    seen = os.stat(path).st_mtime_ns if os.path.exists(path) else 0
    os.utime(f"{path}.new", ns=(seen + 10**9, seen + 10**9))
    os.replace(f"{path}.new", path)


@pytest.fixture
def path(tmp_path, settings, monkeypatch) -> str:
    monkeypatch.setattr(addresses, "_opened", None)
    settings.GEOIP_FILE = str(tmp_path / "countries.mmdb")
    write(settings.GEOIP_FILE, {"country": {"iso_code": "DE"}})
    return str(settings.GEOIP_FILE)


def test_without_a_file_nothing_is_known(settings) -> None:
    settings.GEOIP_FILE = ""
    assert country_of_address("192.0.2.7") is None


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("192.0.2.7", "DE"), ("198.51.100.1", ""), ("10.0.0.1", ""), ("2001:db8::1", ""),
        ("no address", ""), (None, ""),
    ],
)  # fmt: skip
def test_an_address_has_its_country_or_none(path, address, country) -> None:
    assert country_of_address(address) == country


@pytest.mark.parametrize(
    ("row", "country"),
    [
        ({"registered_country": {"iso_code": "FR"}}, "FR"),
        ({"country": {"iso_code": "FR"}, "registered_country": {"iso_code": "US"}}, "FR"),
        ({"country": {"iso_code": "??"}}, ""),
        ({"continent": {"code": "EU"}}, ""),
        ({"country": "FR"}, ""),
    ],
)
def test_what_a_file_says_is_read_with_care(path, row, country) -> None:
    write(path, row)
    assert country_of_address("192.0.2.7") == country


def test_a_newer_file_is_used_at_once(path) -> None:
    assert country_of_address("192.0.2.7") == "DE"
    write(path, {"country": {"iso_code": "AT"}})
    assert country_of_address("192.0.2.7") == "AT"


@pytest.mark.parametrize("broken", [b"", b"not a database", None])
def test_an_update_that_went_wrong_locks_nobody_out(path, broken) -> None:
    assert country_of_address("192.0.2.7") == "DE"
    os.unlink(path)
    if broken is not None:
        with open(path, "wb") as file:
            file.write(broken)
    assert country_of_address("192.0.2.7") == "DE"
