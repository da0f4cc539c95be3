import ipaddress
import socket

import pytest

from events.refusals import Refusal
from events.services.webhooks import targets

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001:0:1::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.fixture(autouse=True)
def _nothing_stated(settings):
    settings.WEBHOOK_NETWORKS = []


def refused(url):
    with pytest.raises(Refusal) as caught:
        targets.checked(url)
    assert caught.value.code == "VALIDATION_ERROR"
    assert list(caught.value.details) == ["url"]
    return caught.value.details["url"][0]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_a_network_of_ones_own_is_public_in_whatever_form(address):
    assert not targets.is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert "private network" in refused(f"https://{host}/hook")


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address):
    assert targets.is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert targets.checked(f"https://{host}/hook").host == address


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost"])
def test_other_ways_to_write_loopback_are_seen_through(host):
    assert "private network" in refused(f"https://{host}/hook")


@pytest.mark.parametrize("url", [
    "", "hooks.example", "ftp://hooks.example/", "https://", "https:///x", "https://:443/",
    "https://hooks.example:0/", "https://hooks.example:99999/", "https://hooks.example:x/",
    "https://user:pass@hooks.example/", "https://hooks.example/#part", "https://a b/",
    "https://hooks.example/\r\nX: y", "https://hooks.example\\@10.0.0.1/", "https://[::1/",
    "https://[fe80::1%25eth0]/", "https://a..b/", "https://" + "a" * 64 + ".example/",
    "https://hooks.example/" + "x" * 500, "https://h\u00f6ks.example/", "https://hooks.example/\x00",
    "javascript:alert(1)", "//hooks.example/", "https://.example/",
])  # fmt: skip
def test_what_is_no_address_of_a_server_is_refused(url):
    assert refused(url)


def test_a_name_of_which_one_address_is_private_is_refused(monkeypatch):
    found = [(2, 1, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert "private network" in refused("https://hooks.brenner.example/")


def test_a_name_that_nobody_knows_yet_is_allowed():
    assert targets.checked("https://hooks.brenner.example./x?y=1").path == "/x?y=1"


def test_plain_http_is_for_stated_networks_and_debug_only(settings):
    assert refused("http://8.8.8.8/") == "An address with https://."
    assert refused("http://hooks.brenner.example/") == "An address with https://."
    settings.DEBUG = True
    assert targets.checked("http://8.8.8.8/")
    assert "private network" in refused("http://127.0.0.1/")
    settings.DEBUG, settings.WEBHOOK_NETWORKS = False, ["127.0.0.0/8"]
    assert targets.checked("http://127.0.0.1/")
    assert "private network" in refused("http://10.0.0.1/")
    assert refused("http://8.8.8.8/") == "An address with https://."


def test_only_the_host_is_told_of_an_address():
    assert targets.origin_of("https://hooks.example:8443/T0/B0/secret?x=y") == (
        "https://hooks.example:8443"
    )
    assert targets.origin_of("https://[2606:4700::1111]:443/x") == "https://[2606:4700::1111]"
