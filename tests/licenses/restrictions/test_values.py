"""What may stand in a restriction, and the form in which it is kept."""

import pytest

from licenses.restrictions import country_of, host_of, mac_of, normalised
from licenses.restrictions.countries import COUNTRIES
from licenses.terms import RestrictionType

KEPT = [
    ("GEOGRAPHIC", " de ", "DE"),
    ("GEOGRAPHIC", "UK", "GB"),
    ("GEOGRAPHIC", "el", "GR"),
    ("DOMAIN", "App.Example.COM", "app.example.com"),
    ("DOMAIN", "app.example.com.", "app.example.com"),
    ("DOMAIN", "app.example.com:8443", "app.example.com"),
    ("DOMAIN", "*.Example.com", "*.example.com"),
    ("DOMAIN", "https://app.example.com:8443/page", "app.example.com"),
    ("DOMAIN", "localhost", "localhost"),
    ("DOMAIN", "münchen.example", "xn--mnchen-3ya.example"),
    ("DOMAIN", "*.straße.example", "*.xn--strae-oqa.example"),
    ("DOMAIN", "192.0.2.7", "192.0.2.7"),
    ("DOMAIN", "[2001:db8::1]:443", "2001:db8::1"),
    ("IP_RANGE", "192.0.2.0/24", "192.0.2.0/24"),
    ("IP_RANGE", "192.0.2.77/24", "192.0.2.0/24"),
    ("IP_RANGE", "192.0.2.7", "192.0.2.7/32"),
    ("IP_RANGE", "2001:DB8::/32", "2001:db8::/32"),
    ("IP_RANGE", "::ffff:192.0.2.0/120", "192.0.2.0/24"),
    ("IP_RANGE", "::ffff:192.0.2.7", "192.0.2.7/32"),
    ("MAC_ADDRESS", "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"),
    ("MAC_ADDRESS", "001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e"),
    ("MAC_ADDRESS", "001A2B3C4D5E", "00:1a:2b:3c:4d:5e"),
    ("HARDWARE_ID", "  Board-77 A ", "Board-77 A"),
    ("TIME_BASED", "mon-fri  08:00-18:00  Europe/Berlin", "Mon-Fri 08:00-18:00 Europe/Berlin"),
    ("TIME_BASED", "SAT,sun 00:00-00:00 UTC", "Sat,Sun 00:00-24:00 UTC"),
    ("TIME_BASED", "2026-01-01/2026-06-30", "2026-01-01/2026-06-30"),
    ("TIME_BASED", "2026-01-01/2026-01-01 Asia/Tokyo", "2026-01-01/2026-01-01 Asia/Tokyo"),
]
IMPOSSIBLE = [
    ("GEOGRAPHIC", "Germany"), ("GEOGRAPHIC", "EU"), ("GEOGRAPHIC", "ZZ"),
    ("DOMAIN", "*"), ("DOMAIN", "*.*.example"), ("DOMAIN", "a.*.example"),
    ("DOMAIN", "a b.example"), ("DOMAIN", "a..example"), ("DOMAIN", "-a.example"),
    ("DOMAIN", "https://"),
    ("DOMAIN", f"{'a' * 64}.example"), ("DOMAIN", ".".join(["aaaaaaa"] * 40)),
    ("IP_RANGE", "192.0.2.0/33"), ("IP_RANGE", "192.0.2"), ("IP_RANGE", "2001:db8::/129"),
    ("IP_RANGE", "192.0.2.1-192.0.2.9"), ("IP_RANGE", "fe80::1%eth0/64"),
    ("MAC_ADDRESS", "00:1a:2b:3c:4d"), ("MAC_ADDRESS", "00:1a:2b:3c:4d:5g"),
    ("MAC_ADDRESS", "00:00:00:00:00:00"), ("MAC_ADDRESS", "ff-ff-ff-ff-ff-ff"),
    ("TIME_BASED", "always"), ("TIME_BASED", "Mon-Fri 08:00-18:00"),
    ("TIME_BASED", "Mon-Fri 08:00-18:00 Mars/Base"), ("TIME_BASED", "Mon-Fri 08:00-18:00 ../etc"),
    ("TIME_BASED", "Mon-Fri 08:00-25:00 UTC"), ("TIME_BASED", "Mon-Fri 08:00-08:00 UTC"),
    ("TIME_BASED", "Mon-Fri 00:00-24:01 UTC"), ("TIME_BASED", "Mo-Fr 08:00-18:00 UTC"),
    ("TIME_BASED", "2026-06-30/2026-01-01"), ("TIME_BASED", "2026-02-30/2026-03-01"),
    *((kind.value, "") for kind in RestrictionType),
    *((kind.value, "x" * 513) for kind in RestrictionType),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "kept"), KEPT)
def test_a_value_is_kept_in_one_form(kind: str, text: str, kept: str) -> None:
    assert normalised(kind, text) == kept
    assert normalised(kind, kept) == kept


@pytest.mark.parametrize(("kind", "text"), IMPOSSIBLE)
def test_a_value_that_cannot_be_is_refused_in_words(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        normalised(kind, text)


def test_every_country_of_the_standard_is_known_and_europe_is_none() -> None:
    assert len(COUNTRIES) == 250
    assert {"DE", "GB", "GR", "XK"} < COUNTRIES
    assert not {"UK", "EL", "EU", "SU"} & COUNTRIES


@pytest.mark.parametrize(
    ("text", "country"), [("uk", "GB"), ("de ", "DE"), ("Europe", ""), ("", "")]
)
def test_a_callers_country_is_read_or_is_none(text: str, country: str) -> None:
    assert country_of(text) == country


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("APP.example:8000", "app.example"),
        ("https://app.example/page?a=b", "app.example"),
        ("app.example.", "app.example"),
        ("MÜNCHEN.example:443", "xn--mnchen-3ya.example"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:DB8:0::1]:80", "2001:db8::1"),
        ("no host \udcff", "no host \udcff"),
        ("", ""),
    ],
)
def test_a_callers_host_is_read_and_never_fails(text: str, host: str) -> None:
    assert host_of(text) == host


def test_what_is_no_mac_address_stays_as_it_was_sent() -> None:
    assert mac_of(" Not-A-MAC ") == "not-a-mac"
    assert mac_of("") == ""
