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


@pytest.mark.parametrize(("stated", "said"), [
    ([], []), (["10.0.0.0/8", "::1/128"], []), (["10.0.0.1/8"], ["portal.C007"]),
    (["lan"], ["portal.C007"]), ([""], ["portal.C007"]),
], ids=str)  # fmt: skip
def test_networks_of_webhooks_that_cannot_be_read_stop_the_start(stated, said, settings):
    settings.WEBHOOK_NETWORKS = stated
    assert [found.id for found in checks.networks_of_webhooks()] == said
