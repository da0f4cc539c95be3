"""The portal's own settings, and one view more: an empty one at the device entry."""

from licensing_portal.settings import *  # noqa: F403
from licensing_portal.settings import DEVICE_CALLS

ROOT_URLCONF = "benchmarks.urls"
DEVICE_CALLS = [*DEVICE_CALLS, ("POST", "/empty")]
