"""What every refusal means over HTTP: the one table."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """How a code is told: status, the caller's way on, words, and when to come again."""

    status: int
    message: str
    next_action: str = "none"
    retry_after: int | None = None


CODES: dict[str, Meaning] = {
    # The request itself
    "BAD_REQUEST": Meaning(400, "This request cannot be read."),
    "MALFORMED_JSON": Meaning(400, "The body is not the JSON it should be."),
    "VALIDATION_ERROR": Meaning(400, "Some fields hold values that cannot be."),
    "PAGE_TOO_DEEP": Meaning(
        400, "Pages end at 10,000 rows; pass meta.next_cursor as `cursor` to go on."
    ),
    "USE_OFFLINE": Meaning(400, "Offline devices activate by a request code.", "use_offline"),
    "NOT_AVAILABLE": Meaning(400, "This is not available yet.", "contact_vendor"),
    "METHOD_NOT_ALLOWED": Meaning(405, "This address does not take that method."),
    "NOT_ACCEPTABLE": Meaning(406, "Answers are JSON."),
    "BODY_TOO_LARGE": Meaning(413, "The body is larger than this address takes."),
    "UNSUPPORTED_MEDIA_TYPE": Meaning(415, "Bodies are application/json."),
    "NOT_FOUND": Meaning(404, "There is nothing at this address."),
    "INTERNAL_ERROR": Meaning(500, "Something failed here; the trace id names it.", "wait", 30),
    "TRY_AGAIN": Meaning(503, "Too much at once; try again.", "wait", 1),
    # Who asks
    "AUTHENTICATION_REQUIRED": Meaning(401, "An API key is needed.", "contact_vendor"),
    "INVALID_API_KEY": Meaning(401, "This API key does not work.", "contact_vendor"),
    "INVALID_ACTIVATION_TOKEN": Meaning(401, "This token does not work.", "activate"),
    "PERMISSION_DENIED": Meaning(403, "This is not permitted.", "contact_vendor"),
    "SCOPE_REQUIRED": Meaning(403, "The API key lacks a scope.", "contact_vendor"),
    "VENDOR_ONLY": Meaning(403, "Only the vendor's own keys may do this.", "contact_vendor"),
    "RESELLER_READS_ONLY": Meaning(
        403, "What was sold on can be read, not changed.", "contact_vendor"
    ),
    "SECOND_FACTOR_REQUIRED": Meaning(
        403, "Staff set up a second factor in the admin first.", "sign_in_again"
    ),
    "TENANT_FORBIDDEN": Meaning(403, "This API key belongs to another tenant.", "contact_vendor"),
    "TENANT_REQUIRED": Meaning(400, "Name the tenant by tenant_id or X-Tenant-ID."),
    "RATE_LIMITED": Meaning(429, "Too many requests.", "wait", 60),
    # Repeats and concurrent changes
    "IDEMPOTENCY_KEY_REUSED": Meaning(409, "This Idempotency-Key came with another request."),
    "IDEMPOTENCY_IN_PROGRESS": Meaning(409, "The first such request still runs.", "wait", 1),
    "STALE_REVISION": Meaning(412, "The licence has changed since; read it again."),
    "STALE_PREVIEW": Meaning(412, "What would change has changed since it was shown."),
    # What a body names and is not there; named in the path, each of them is 404
    "LICENSE_NOT_FOUND": Meaning(404, "There is no such licence.", "check_key"),
    "ACTIVATION_NOT_FOUND": Meaning(404, "There is no such activation."),
    "TENANT_NOT_FOUND": Meaning(400, "There is no such tenant."),
    "CUSTOMER_NOT_FOUND": Meaning(400, "There is no such customer."),
    "RESELLER_NOT_FOUND": Meaning(400, "There is no such reseller."),
    "PRODUCT_NOT_FOUND": Meaning(400, "There is no such product."),
    "FEATURE_NOT_FOUND": Meaning(400, "The product has no such feature."),
    "TEMPLATE_NOT_FOUND": Meaning(400, "There is no such template."),
    "RELEASE_NOT_FOUND": Meaning(404, "The product has no such release."),
    "NAMED_USER_NOT_FOUND": Meaning(404, "The licence has no such named user."),
    "INCIDENT_NOT_FOUND": Meaning(404, "There is no such incident."),
    "ORDER_NOT_FOUND": Meaning(404, "There is no such order."),
    "INVOICE_NOT_FOUND": Meaning(404, "There is no such invoice."),
    "API_KEY_NOT_FOUND": Meaning(404, "There is no such API key."),
    "MEMBER_NOT_FOUND": Meaning(404, "There is no such member."),
    "WEBHOOK_ENDPOINT_NOT_FOUND": Meaning(404, "There is no such webhook endpoint."),
    "WEBHOOK_DELIVERY_NOT_FOUND": Meaning(404, "The endpoint has no such delivery."),
    # People
    "CUSTOMER_HAS_LICENSES": Meaning(409, "Licences of this customer still work."),
    "NOTICE_NOT_FOUND": Meaning(404, "There is no such e-mail."),
    "NOTICE_NOT_IN_TROUBLE": Meaning(
        409, "Only e-mails that failed, came back or are unclear are sent again."
    ),
    "NOTICE_NOT_SENT": Meaning(409, "An e-mail that never left cannot have come back."),
    "ALREADY_MEMBER": Meaning(409, "This person is a member already."),
    "LAST_OWNER": Meaning(409, "An organisation keeps at least one owner."),
    "OWN_ACCOUNT": Meaning(409, "Nobody takes rights from themselves."),
    "STANDARD_GROUP": Meaning(409, "This group is the portal's own."),
    # Money
    "ORDER_NOT_PAID": Meaning(409, "The order is not paid.", "pay"),
    "CURRENCY_MISMATCH": Meaning(400, "The order is in another currency."),
    "REFUND_EXCEEDS_PAID": Meaning(409, "That is more than was paid and is still held."),
    "GATEWAY_NOT_FOUND": Meaning(404, "No such gateway is set up here."),
    "INVALID_SIGNATURE": Meaning(400, "The message is not signed as it should be, or too old."),
    "GATEWAY_EVENT_NOT_FOUND": Meaning(404, "There is no such message of a gateway."),
    "GATEWAY_EVENT_REUSED": Meaning(409, "Another message had this event_id."),
    # Webhooks
    "WEBHOOK_ENDPOINT_LIMIT": Meaning(409, "There are as many webhook endpoints as there may be."),
    "WEBHOOK_ENDPOINT_DISABLED": Meaning(409, "The webhook endpoint is switched off."),
    # Licences
    "ILLEGAL_STATUS_CHANGE": Meaning(
        409, "The status of the licence or order does not allow this.", "contact_vendor"
    ),
    "NOTHING_TO_RENEW": Meaning(
        409, "This licence never expires; extend_maintenance renews its maintenance.", "renew"
    ),
    "TRIAL_NOT_RENEWABLE": Meaning(409, "A trial is not renewed.", "upgrade"),
    "NOT_A_TRIAL": Meaning(409, "This licence is no trial; it is renewed.", "renew"),
    "TRIAL_EXTENSION_LIMIT": Meaning(409, "A trial is extended twice at most.", "upgrade"),
    "TRIAL_ALREADY_USED": Meaning(403, "There has been a trial of this product.", "upgrade"),
    "TEMPLATE_DOES_NOT_FIT": Meaning(
        409, "The template is of another type, or counts otherwise.", "upgrade"
    ),
    "RECIPIENT_FORBIDDEN": Meaning(
        403,
        "This API key mails customers, owners and admins of its tenant only.",
        "contact_vendor",
    ),
    "DELIVERY_LIMIT": Meaning(429, "This licence was mailed too often today.", "wait"),
    "LICENSE_PENDING": Meaning(403, "The licence does not run yet.", "wait", 3600),
    "LICENSE_INACTIVE": Meaning(403, "The licence is parked.", "contact_vendor"),
    "LICENSE_SUSPENDED": Meaning(403, "The licence is suspended.", "contact_vendor"),
    "LICENSE_EXPIRED": Meaning(403, "The licence has expired.", "renew"),
    "LICENSE_REVOKED": Meaning(403, "The licence was revoked.", "contact_vendor"),
    "VERSION_NOT_COVERED": Meaning(403, "Maintenance does not cover this version.", "renew"),
    # Signed documents
    "SIGNING_ROOT_ABSENT": Meaning(
        503, "No key signs here now: its root has to certify one.", "contact_vendor", 3600
    ),
    "SIGNING_KEY_NOT_FOUND": Meaning(404, "There is no such signing key."),
    "CERTIFICATE_REFUSED": Meaning(400, "These are no certificates for keys of this server."),
    "DOCUMENT_INVALID": Meaning(
        400, "This is no signed document of that kind, or somebody changed it.", "use_offline"
    ),
    "FILE_TOO_LARGE": Meaning(
        409, "The licence says more than fits into a file.", "contact_vendor"
    ),
    "OFFLINE_REQUEST_EXPIRED": Meaning(
        403, "This request is over; the device makes another.", "use_offline"
    ),
    "STALE_SEQUENCE": Meaning(
        409, "The device was activated anew since it wrote this receipt.", "contact_vendor"
    ),
    "USAGE_INCOMPLETE": Meaning(409, "Entries before these never came; bring them first."),
    "USAGE_FORKED": Meaning(
        409,
        "This device told its use otherwise before: it was copied or restored.",
        "contact_vendor",
    ),
    "REPLAYED": Meaning(
        409, "Another request came under the same nonce; the device makes another.", "use_offline"
    ),
    "PRODUCT_MISMATCH": Meaning(403, "The licence is for another product.", "check_key"),
    # Usage
    "FEATURE_NOT_LICENSED": Meaning(403, "The licence does not grant this feature.", "upgrade"),
    "FEATURE_EXPIRED": Meaning(403, "The licence granted this feature until lately.", "renew"),
    "QUOTA_EXCEEDED": Meaning(429, "That is more than is left of this quota.", "upgrade"),
    "USAGE_UNDERFLOW": Meaning(409, "Less than that was consumed."),
    # Where, when and on what a licence may run
    "RESTRICTED_COUNTRY": Meaning(
        403, "The licence does not cover the country of this device.", "contact_vendor"
    ),
    "RESTRICTED_DOMAIN": Meaning(403, "The licence does not cover this domain.", "contact_vendor"),
    "RESTRICTED_IP": Meaning(403, "The licence does not cover this network.", "contact_vendor"),
    "RESTRICTED_MAC": Meaning(
        403, "The licence does not cover this network card.", "contact_vendor"
    ),
    "RESTRICTED_HARDWARE": Meaning(
        403, "The licence does not cover this hardware.", "contact_vendor"
    ),
    "RESTRICTED_TIME": Meaning(403, "The licence does not run at this time.", "wait"),
    # Devices
    "INVALID_LICENSE_KEY_FORMAT": Meaning(400, "This is no licence key.", "check_key"),
    "INVALID_FINGERPRINT": Meaning(400, "This fingerprint names no device.", "contact_vendor"),
    "DEVICE_BLACKLISTED": Meaning(403, "This device is barred.", "contact_vendor"),
    "ACTIVATION_LIMIT_EXCEEDED": Meaning(409, "Every seat is taken.", "free_device"),
    "DEVICE_NOT_ACTIVATED": Meaning(403, "This device has not been activated.", "activate"),
    "DEVICE_MISMATCH": Meaning(403, "This token belongs to another device.", "activate"),
    "LEASE_EXPIRED": Meaning(403, "The lease of this device has run out.", "activate"),
    "HEARTBEAT_OVERDUE": Meaning(403, "This device has been silent for too long.", "activate"),
    "EMERGENCY_ENDED": Meaning(
        403, "The day that an emergency code gave this device is over.", "activate"
    ),
    "EMERGENCY_CODE_INVALID": Meaning(
        403, "The licence has no such emergency code.", "contact_vendor"
    ),
    "EMERGENCY_CODE_LOCKED": Meaning(
        403, "Too many wrong ones were typed: only a new code helps.", "contact_vendor"
    ),
    "EMERGENCY_CODE_EXPIRED": Meaning(403, "This emergency code is over.", "contact_vendor"),
    "EMERGENCY_CODE_USED": Meaning(
        409, "Another device has redeemed this emergency code.", "contact_vendor"
    ),
    "EMERGENCY_CODE_MADE": Meaning(409, "This emergency code was made already."),
    "EMERGENCY_LIMIT_EXCEEDED": Meaning(
        409, "The licence has had its emergency codes of this year.", "contact_vendor"
    ),
    "BORROW_NOT_ALLOWED": Meaning(
        403, "The licence lends no seat, or not for so many days.", "contact_vendor"
    ),
    "ACTIVATION_DEACTIVATED": Meaning(403, "This device was signed out.", "activate"),
    "USER_IDENTITY_REQUIRED": Meaning(
        400, "This licence needs the name of who uses the device.", "sign_in_again"
    ),
    "NOT_NAMED_USER": Meaning(409, "Devices hold the seats of this licence, not names."),
    "REPLACE_TOKEN_INVALID": Meaning(
        409, "This token takes no device's place; ask again for another.", "activate"
    ),
    "RELEASE_LIMIT": Meaning(429, "Too many devices were freed lately.", "wait"),
}
