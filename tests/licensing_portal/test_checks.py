"""The start says what is wrong with the configuration, each fault in one line."""

import pytest

from licensing_portal import checks


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_a_file_of_addresses_that_cannot_be_read_stops_the_start(tmp_path, settings, content):
    settings.GEOIP_FILE = str(tmp_path / "countries.mmdb")
    if content is not None:
        (tmp_path / "countries.mmdb").write_bytes(content)
    assert [found.id for found in checks.file_of_addresses()] == ["portal.C005"]


def test_without_a_file_of_addresses_nothing_is_wrong(settings):
    settings.GEOIP_FILE = ""
    assert checks.file_of_addresses() == []
