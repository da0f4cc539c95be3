"""What devices send, field by field; what is absent is UNSET, what is wrong is named."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Text = str | UnsetType
UserIdentity = Annotated[
    Text, Meta(description="Who uses the device: required where names hold the seats, else unread.")
]
ReplaceToken = Annotated[
    Text,
    Meta(description="A token that a full licence offered: takes that device's place."),
]
EmergencyCode = Annotated[
    Text,
    Meta(
        description="Goes with the type EMERGENCY: the code as it was made, or as it is read out."
    ),
]
# Printable ASCII without spaces; the end is said twice since Python's `$` lets a line end pass.
Nonce = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=128,
        pattern=r"^[!-~]+$(?!\n)",
        description="Comes back, and has the answer signed: 8 to 128 printable characters.",
    ),
]


class Payload(Struct, kw_only=True, omit_defaults=True):
    """What every call may carry; fields nobody knows are ignored."""

    # Comes back in the answer and its signature, so that a recorded one can't be played again.
    nonce: Nonce | UnsetType = UNSET


class Activate(Payload, kw_only=True, omit_defaults=True):
    """A device asks for a seat."""

    license_key: str
    device_fingerprint: str
    machine_name: Text = UNSET
    hardware_id: Text = UNSET
    mac_address: Text = UNSET
    operating_system: Text = UNSET
    application_version: Text = UNSET
    domain: Text = UNSET
    country: Text = UNSET
    activation_type: Literal["ONLINE", "OFFLINE", "EMERGENCY"] | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    emergency_code: EmergencyCode = UNSET
    replace_token: ReplaceToken = UNSET
    user_identity: UserIdentity = UNSET
    # What PER_CPU and PER_CORE licences count; left out, the device counts as one.
    cpu_count: int | UnsetType = UNSET
    core_count: int | UnsetType = UNSET
    # A seat of a concurrent licence, taken along for so many days without a network.
    borrow_days: int | UnsetType = UNSET


class Token(Payload, kw_only=True, omit_defaults=True):
    """What a device with a seat may leave out of the body: its token may come as the bearer."""

    activation_token: Text = UNSET


class ValidateActivation(Token, kw_only=True, omit_defaults=True):
    """A device asks whether its seat is still good."""

    revision: int | UnsetType = UNSET
    application_version: Text = UNSET


class Deactivate(Token, kw_only=True, omit_defaults=True):
    """A device gives its seat back."""

    reason: Text = UNSET


class Heartbeat(Token, kw_only=True, omit_defaults=True):
    """A device says that it lives, and what it did."""

    revision: int | UnsetType = UNSET
    # Numbers by name, but for `feature_usage` (numbers again) and `last_used_at` (a time).
    metrics: dict[str, Any] | UnsetType = UNSET
    application_version: Text = UNSET
    operating_system: Text = UNSET
    borrow_days: int | UnsetType = UNSET


class ValidateKey(Payload, kw_only=True, omit_defaults=True):
    """Somebody with a key asks what it is good for."""

    license_key: str
    product_id: Text = UNSET
    product_version: Text = UNSET
    device_fingerprint: Text = UNSET
    features: list[str] | UnsetType = UNSET
    domain: Text = UNSET
    country: Text = UNSET
    mac_address: Text = UNSET
    hardware_id: Text = UNSET


class AskStatus(Token, kw_only=True, omit_defaults=True):
    """Somebody with a key or a token asks how the licence stands."""

    license_key: Text = UNSET


class IntegrityQuestion(Payload, kw_only=True, omit_defaults=True):
    """Somebody with a key asks whether the licence is what was issued."""

    license_key: str
    signature: Annotated[Text, Meta(description="A licence file or device file: compact JWS.")] = (
        UNSET
    )


class Metered(AskStatus, kw_only=True, omit_defaults=True):
    """An app consumes of a feature's quota, or gives back."""

    feature_id: str
    amount: Decimal = Decimal(1)


class Report(AskStatus, kw_only=True, omit_defaults=True):
    """An app reports what was used on a day."""

    usage: dict[str, Any]
    report_date: Text = UNSET
    report_id: Text = UNSET


class CheckOut(AskStatus, kw_only=True, omit_defaults=True):
    """A licence is to be checked out into a signed file: for a device where one is named."""

    device_fingerprint: Text = UNSET
    ttl_days: int | UnsetType = UNSET


class AskOffline(Payload, kw_only=True, omit_defaults=True):
    """What a device without a network says of itself, handed on by whoever has one."""

    license_key: str
    device_fingerprint: str
    # Ed25519, base64url: the key that the device will sign with.
    public_key: Text = UNSET
    machine_name: Text = UNSET
    hardware_id: Text = UNSET
    mac_address: Text = UNSET
    operating_system: Text = UNSET
    application_version: Text = UNSET
    user_identity: UserIdentity = UNSET
    domain: Text = UNSET
    country: Text = UNSET
    cpu_count: int | UnsetType = UNSET
    core_count: int | UnsetType = UNSET


class ActivateOffline(Payload, kw_only=True, omit_defaults=True):
    """A device has both its request and the response to it."""

    request_code: str
    response_code: str


class OfflineReceipt(Payload, kw_only=True, omit_defaults=True):
    """A device has ended itself without a network: what it signed of that."""

    receipt: str


class OfflineUsage(Payload, kw_only=True, omit_defaults=True):
    """What a device used without a network: the chain that it signed."""

    bundle: str


class AskFlags(AskStatus, kw_only=True, omit_defaults=True):
    """An app asks what it may do."""

    product_id: Text = UNSET
