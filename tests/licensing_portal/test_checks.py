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


@pytest.mark.parametrize("place", ["Offline", "offline ", "", "hsm"])
def test_a_root_that_is_neither_here_nor_elsewhere_stops_the_start(settings, place):
    settings.SIGNING_ROOT = place
    assert [found.id for found in checks.place_of_the_root()] == ["portal.C006"]


@pytest.mark.parametrize(("place", "told"), [("embedded", ["portal.I001"]), ("offline", [])])
def test_a_root_on_this_server_says_so_to_whoever_deploys(settings, place, told):
    settings.SIGNING_ROOT = place
    assert checks.place_of_the_root() == []
    assert [found.id for found in checks.root_on_this_server()] == told


@pytest.mark.parametrize(("stated", "said"), [
    ([], []), (["10.0.0.0/8", "::1/128"], []), (["10.0.0.1/8"], ["portal.C007"]),
    (["lan"], ["portal.C007"]), ([""], ["portal.C007"]),
], ids=str)  # fmt: skip
def test_networks_of_webhooks_that_cannot_be_read_stop_the_start(stated, said, settings):
    settings.WEBHOOK_NETWORKS = stated
    assert [found.id for found in checks.networks_of_webhooks()] == said
