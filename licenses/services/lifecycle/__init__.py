"""The only writer of a licence's status: every act upon it, and the clock's own steps."""

from licenses.services.lifecycle.acts import (
    approve_license,
    park_license,
    reinstate_license,
    revoke_license,
    suspend_license,
    unpark_license,
)
from licenses.services.lifecycle.clock import catch_up, keep_up
from licenses.services.lifecycle.renewal import renew_license
from licenses.services.lifecycle.start import start_license
from licenses.services.lifecycle.transfer import transfer_license
from licenses.services.lifecycle.trials import convert_trial, extend_trial

__all__ = [
    "approve_license",
    "catch_up",
    "convert_trial",
    "extend_trial",
    "keep_up",
    "park_license",
    "reinstate_license",
    "renew_license",
    "revoke_license",
    "start_license",
    "suspend_license",
    "transfer_license",
    "unpark_license",
]
