"""What is known of a caller, for the restrictions of a licence to be matched against."""

from events import vault
from licenses.facts import DeviceFacts
from licenses.models import Activation
from licenses.restrictions import Whereabouts, country_of, host_of, mac_of
from licenses.selectors.addresses import country_of_address
from licenses.selectors.snapshots import FINGERPRINT

HARDWARE_ID = "hardware_id"
MAC_ADDRESS = "mac_address"


def of_caller(
    *,
    address: str | None,
    country: str = "",
    domain: str = "",
    mac_address: str = "",
    hardware_id: str = "",
    fingerprint: str = "",
) -> Whereabouts:
    """Return what is known of a caller by its own words, and by its address."""
    return Whereabouts(
        country=known_country(country, address=address),
        country_stated=country_of_address(address) is None,
        domain=host_of(domain),
        address=address or "",
        mac=_digests(MAC_ADDRESS, mac_of(mac_address)),
        hardware=_digests(HARDWARE_ID, hardware_id.strip()),
        fingerprint=_digests(FINGERPRINT, fingerprint),
    )


def of_device(device: DeviceFacts, *, address: str | None) -> Whereabouts:
    """Return what a device's activation recorded of it, and where it calls from now."""
    return Whereabouts(
        country=device.country,
        country_stated=country_of_address(None) is None,
        domain=device.domain,
        address=address or "",
        mac=_hex(device.mac_digest),
        hardware=_hex(device.hardware_digest),
        fingerprint=_hex(device.fingerprint_digest),
    )


def of_activation(row: Activation) -> Whereabouts:
    """Return what a device's activation recorded of it, its address then for that of now."""
    return Whereabouts(
        country=row.country,
        country_stated=country_of_address(None) is None,
        domain=row.domain,
        address=row.ip_address or "",
        mac=_hex(row.mac_digest),
        hardware=_hex(row.hardware_digest),
        fingerprint=_hex(row.fingerprint_digest),
    )


def known_country(stated: str, *, address: str | None) -> str:
    """Return the country of an address; the caller's word only where no file knows better."""
    known = country_of_address(address)
    return country_of(stated) if known is None else known


def _digests(purpose: str, text: str) -> frozenset[str]:
    return frozenset(digest.hex() for digest in vault.digests(purpose, text)) if text else _NOTHING


def _hex(digest: bytes | memoryview | None) -> frozenset[str]:
    return frozenset((digest.hex(),)) if digest else _NOTHING


_NOTHING: frozenset[str] = frozenset()
