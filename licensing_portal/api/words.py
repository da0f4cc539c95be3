"""What the terms of licences and templates mean: said once, for the OpenAPI document and docs/."""

TERMS = {
    "license_type": "How long, and who holds a seat: see the kinds of licences.",
    "license_model": "What a seat is counted by: see the kinds of licences.",
    "max_activations": "Seats sold: devices, names, processors or cores, as type and model have "
    "it. 1 if left out; not asked where seats never fill.",
    "overage": "How far beyond the seats sold it may go; UNLIMITED never fills. NONE if left out.",
    "default_duration": "Days of a licence's term; 365 if left out. PERPETUAL has none.",
    "duration_days": "Days of the term, instead of the template's.",
    "trial_duration_days": "Days of the term of TRIAL and EVALUATION; `default_duration` if that "
    "alone is stated, else 30.",
    "trial_period_days": "Days of a trial, instead of the template's.",
    "trial_allowed": "Whether it may be issued as a TRIAL too, for `trial_duration_days`.",
    "expiry_basis": "From when the term counts. Left out: TRIAL and EVALUATION from their first "
    "device, for which they wait as PENDING, the rest from their issue.",
    "expiry_date": "Its end, whatever the term: an instant, or a day, which counts to its end in "
    "UTC. PERPETUAL has none.",
    "grace_period_days": "Days that known devices go on after the end. Left out: 0 for TRIAL and "
    "EVALUATION, else 30.",
    "maintenance_expiry": "Covers versions released before: an instant, or a day, which counts to "
    "its end in UTC. Left out: every version.",
    "auto_renewal": "Whether it is meant to be renewed unasked: shown and told; `renew` does it.",
    "auto_renewal_enabled": "What licences have as `auto_renewal`.",
    "heartbeat_interval_seconds": "How often a device is to be heard of; 600 if left out.",
    "require_heartbeat": "Whether a device that missed three heartbeats is HEARTBEAT_OVERDUE.",
    "lease_seconds": "Of CONCURRENT: how long a silent device keeps its seat. Left out: three "
    "heartbeats.",
    "max_borrow_days": "Of CONCURRENT: for how many days a seat may be borrowed. Left out: none.",
    "self_service": "What a full licence answers: NONE that it is full, SEE which devices hold "
    "its seats (this, if left out), REPLACE how to take the place of one as well.",
    "releases_per_30_days": "How many devices may be freed within thirty days, by themselves and "
    "in the portal. Left out: ten for each seat.",
    "bind_on_first_activation": "What the first device ties the licence to.",
    "bound_domain": "The one domain that is allowed, as a restriction.",
    "hardware_fingerprint": "The one hardware id that is allowed, as a restriction.",
    "key_scheme": "The form of its key: GROUPED to type in; STAMPED, SIGNED and TOKEN tell by "
    "themselves whose they are. OPAQUE ones are imported only. Left out: as the product.",
    "key_prefix": "What keys begin with, GROUPED ones apart. Left out: as the product.",
    "reserved_for": "The tenant that alone may have and see the template.",
    "deliver_to": "Who is mailed the key.",
    "metadata": "Notes of your own, 16 KiB at most; devices are told its member `public` alone.",
}
