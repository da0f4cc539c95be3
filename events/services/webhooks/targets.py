"""Where a webhook may go: what an address leads to is looked at each time, never remembered."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from events.refusals import invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"https": 443, "http": 80}
# IPv6 addresses that are a way to an IPv4 one: NAT64's.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_WRITTEN = re.compile(r"[!-~]{1,500}", re.ASCII)


class ForbiddenTarget(Exception):
    """The address leads into the operator's own network, or is one that nothing is sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A well-formed address, taken apart; the host as it goes over the wire."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as the Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def checked(url: str) -> Target:
    """
    Return a new endpoint's address taken apart, if something may be sent to it.

    A name that is known to nobody now may be known tomorrow: it is allowed.

    :raises VALIDATION_ERROR: it is no such address, or leads where nothing is sent
    """
    target = parsed(url)
    try:
        _permitted_scheme(target, resolved(target))
    except ForbiddenTarget as error:
        raise invalid(url=str(error)) from None
    except OSError:
        if target.scheme == "http" and not settings.DEBUG:
            raise invalid(url=_("An address with https://.")) from None
    return target


def parsed(url: str) -> Target:
    """
    Return an address taken apart.

    :raises VALIDATION_ERROR: it is not of the form https://host[:port]/path
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise invalid(url=_("An address as https://host/path.")) from None
    well_formed = (
        parts.scheme in _PORTS
        and _WRITTEN.fullmatch(url)
        and "\\" not in url
        and port != 0
        and (_NAME.fullmatch(host) or _is_address(host))
    )
    if not well_formed:
        raise invalid(url=_("An address as https://host/path."))
    if "@" in parts.netloc or parts.fragment:
        raise invalid(url=_("No user, password or fragment: they are not sent."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def origin_of(url: str) -> str:
    """Return the address without its path, which may be a secret of the receiver's."""
    target = parsed(url)
    return f"{target.scheme}://{target.authority}"


def permitted(target: Target) -> list[Address]:
    """
    Return the addresses that a name leads to now, each of which may be sent to.

    :raises ForbiddenTarget: one of them may not
    :raises OSError: the name leads nowhere
    """
    addresses = resolved(target)
    _permitted_scheme(target, addresses)
    return addresses


def resolved(target: Target) -> list[Address]:
    """Return what a name leads to, asking the resolver; `permitted` judges it."""
    found: list[tuple[Any, ...]] = socket.getaddrinfo(
        target.host, target.port, type=socket.SOCK_STREAM
    )
    texts = dict.fromkeys(str(sockaddr[0]).partition("%")[0] for *_rest, sockaddr in found)
    return [ipaddress.ip_address(text) for text in texts]


def is_public(address: Address) -> bool:
    """Return whether an address is one of the open Internet's, in whatever form it comes."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (address.version == 6 and address.is_site_local)
    )


def _permitted_scheme(target: Target, addresses: list[Address]) -> None:
    stated = [ipaddress.ip_network(text) for text in settings.WEBHOOK_NETWORKS]
    outside = [one for one in addresses if not any(one in network for network in stated)]
    if not all(is_public(one) for one in outside):
        raise ForbiddenTarget(_("This leads into a private network; nothing is sent there."))
    if target.scheme == "http" and outside and not settings.DEBUG:
        raise ForbiddenTarget(_("An address with https://."))


def _inner(address: Address) -> Address | None:
    """Return the IPv4 address that an IPv6 one stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host
