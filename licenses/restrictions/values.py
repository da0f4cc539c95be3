"""What may stand in a restriction, and the one form in which each value is kept and compared."""

import re
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import idna

from licenses.restrictions import hours
from licenses.restrictions.countries import COUNTRIES, READS_AS
from licenses.terms import RestrictionType

# Their values tell one device from another, so they are kept as digests.
DEVICE_TYPES = frozenset({RestrictionType.MAC_ADDRESS, RestrictionType.HARDWARE_ID})

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_MAX_LENGTH = 512
_MAX_HOST = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PORT = re.compile(r":\d{1,5}$")
_MAC = re.compile(r"[0-9a-f]{12}")
_MAPPED = ip_network("::ffff:0:0/96")
_MAPPED_BITS = 96


def normalised(restriction_type: str, text: str) -> str:
    """
    Return a value in the form in which it is kept.

    :raises ValueError: saying what is wrong with it
    """
    bare = text.strip()
    if not bare or len(bare) > _MAX_LENGTH:
        raise ValueError(f"Between 1 and {_MAX_LENGTH} characters.")
    match RestrictionType(restriction_type):
        case RestrictionType.GEOGRAPHIC:
            return _country(bare)
        case RestrictionType.DOMAIN:
            return _domain(bare)
        case RestrictionType.IP_RANGE:
            return str(network_of(bare))
        case RestrictionType.MAC_ADDRESS:
            return _mac(bare)
        case RestrictionType.HARDWARE_ID:
            return bare
        case RestrictionType.TIME_BASED:
            return hours.read(bare).text


def country_of(text: str) -> str:
    """Return the country that a caller means, or nothing where it names none."""
    code = text.strip().upper()
    code = READS_AS.get(code, code)
    return code if code in COUNTRIES else ""


def host_of(text: str) -> str:
    """
    Return the host of a name or an address of a page: lower case, no port, in its ASCII form.

    What is no host comes back as it was sent, so that it is stated and still matches nothing.
    """
    bare = text.strip().lower()
    bare = (bare.partition("://")[2] or bare).partition("/")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    if bare.count(":") > 1:
        return str(address_of(bare) or bare)
    bare = _PORT.sub("", bare).rstrip(".")
    try:
        return bare if bare.isascii() else idna.encode(bare, uts46=True).decode()
    except idna.IDNAError:
        return bare


def mac_of(text: str) -> str:
    """Return a MAC address as `00:1a:2b:3c:4d:5e`, or what was sent where it is none."""
    bare = text.strip().lower()
    digits = re.sub(r"[:.\s-]", "", bare)
    if not _MAC.fullmatch(digits):
        return bare
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def address_of(text: str) -> Address | None:
    """Return an address, an IPv4 one that came as IPv6 as what it is; None where it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def network_of(text: str) -> Network:
    """
    Return a network, or the network of one address.

    :raises ValueError: if it is neither
    """
    try:
        # The interface behind a % names nothing outside its own machine.
        network = ip_network("" if "%" in text else text, strict=False)
    except ValueError:
        raise ValueError("A network like 192.0.2.0/24 or 2001:db8::/32, or one address.") from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):  # type: ignore[arg-type]
        inner = network.network_address.ipv4_mapped
        return IPv4Network(f"{inner}/{network.prefixlen - _MAPPED_BITS}")
    return network


def _country(text: str) -> str:
    if code := country_of(text):
        return code
    raise ValueError("A country's two letters by ISO 3166, like DE.")


def _domain(text: str) -> str:
    wildcard, name = ("*.", text[2:]) if text.startswith("*.") else ("", text)
    host = host_of(name)
    if address_of(host) is not None and not wildcard:
        return host
    labels = host.split(".")
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("A host like app.example.com, or *.example.com for what is below it.")
    return wildcard + host


def _mac(text: str) -> str:
    address = mac_of(text)
    if not _MAC.fullmatch(address.replace(":", "")):
        raise ValueError("A MAC address like 00:1a:2b:3c:4d:5e.")
    if set(address) <= set("0:") or set(address) <= set("f:"):
        raise ValueError("Many devices have this one; it names none.")
    return address
