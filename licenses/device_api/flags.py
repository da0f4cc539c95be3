"""What an app may do by all licences of the tenant that it belongs to."""

from django.http import HttpResponse
from msgspec import UNSET

from licenses.device_api import answers, payloads, shapes
from licenses.device_api.door import DeviceView
from licenses.selectors.flags import flags_of
from licenses.services import standing


class AskFeatureFlags(DeviceView):
    """Say what the tenant's valid licences of the app's product grant together."""

    payload = payloads.AskFlags
    told = shapes.Flags

    def reply(self, body: payloads.AskFlags) -> HttpResponse:
        found = self.by_key_or_token(body)
        license = standing.in_force(found, at=self.at, origin=self.origin).license
        product_id = license.product_id if body.product_id is UNSET else body.product_id
        granted = flags_of(license.tenant_id, product_id=product_id, at=self.at)
        return answers.flags(granted, body)
