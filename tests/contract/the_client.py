"""The existing TypeScript client, call for call: what it sends and how it reads the answer."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from tests.contract.client_types import (
    ACTIVATION,
    ERROR,
    HEARTBEAT,
    KEY_VERDICT,
    LICENSE,
    ORDER,
    TEMPLATE,
    TOKEN_VERDICT,
    faults,
    one,
    page_of,
)

UNDEFINED: Any = object()
LICENSING = "/api/licensing"


class ISPError(Exception):
    """What the client throws for an answer that is no success: read from the body's top level."""

    def __init__(self, call: str, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{call} failed with status {status}: {body['message']}")
        self.status = status
        self.code = body["code"]
        self.body = body


@dataclass
class LicensingApiClient:
    """
    Sends what `fetch` would, and holds each answer against the type that its method promises.

    `called` names the methods that were called, so that a walk can tell that it left none out.
    """

    base_url: str = ""
    default_headers: dict[str, str] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)

    # Licences
    def getLicenses(self, params: Any = UNDEFINED) -> Any:
        return self._get("/licenses", page_of(LICENSE), params)

    def getLicense(self, license_id: str) -> Any:
        return self._get(f"/licenses/{license_id}", one(LICENSE))

    def getLicenseByKey(self, license_key: str) -> Any:
        return self._get(f"/licenses/by-key/{license_key}", one(LICENSE))

    def createLicense(self, data: dict[str, Any]) -> Any:
        return self._post("/licenses", one(LICENSE), data)

    def updateLicense(self, license_id: str, data: dict[str, Any]) -> Any:
        return self._request("PUT", f"/licenses/{license_id}", one(LICENSE), body=data)

    def renewLicense(self, license_id: str, data: dict[str, Any]) -> Any:
        return self._post(f"/licenses/{license_id}/renew", one(LICENSE), data)

    def suspendLicense(self, license_id: str, reason: str) -> Any:
        return self._post(f"/licenses/{license_id}/suspend", one(LICENSE), {"reason": reason})

    def revokeLicense(self, license_id: str, reason: str) -> Any:
        return self._post(f"/licenses/{license_id}/revoke", one(LICENSE), {"reason": reason})

    def transferLicense(self, license_id: str, data: dict[str, Any]) -> Any:
        return self._post(f"/licenses/{license_id}/transfer", one(LICENSE), data)

    # Activations
    def activateLicense(self, data: dict[str, Any]) -> Any:
        return self._post("/activations", one(ACTIVATION), data)

    def getActivations(self, params: Any = UNDEFINED) -> Any:
        return self._get("/activations", page_of(ACTIVATION), params)

    def getActivation(self, activation_id: str) -> Any:
        return self._get(f"/activations/{activation_id}", one(ACTIVATION))

    def validateActivation(self, token: str) -> Any:
        return self._post("/activations/validate", one(TOKEN_VERDICT), {"activation_token": token})

    def deactivateLicense(self, activation_id: str, reason: Any = UNDEFINED) -> Any:
        path = f"/activations/{activation_id}/deactivate"
        return self._post(path, one(ACTIVATION), {"reason": reason})

    def sendHeartbeat(self, token: str, metrics: Any = UNDEFINED) -> Any:
        body = {"activation_token": token, "metrics": metrics}
        return self._post("/activations/heartbeat", one(HEARTBEAT), body)

    # Templates
    def getTemplates(self, params: Any = UNDEFINED) -> Any:
        return self._get("/templates", page_of(TEMPLATE), params)

    def getTemplate(self, template_id: str) -> Any:
        return self._get(f"/templates/{template_id}", one(TEMPLATE))

    def createTemplate(self, data: dict[str, Any]) -> Any:
        return self._post("/templates", one(TEMPLATE), data)

    def updateTemplate(self, template_id: str, data: dict[str, Any]) -> Any:
        return self._request("PUT", f"/templates/{template_id}", one(TEMPLATE), body=data)

    def duplicateTemplate(self, template_id: str, new_name: str) -> Any:
        path = f"/templates/{template_id}/duplicate"
        return self._post(path, one(TEMPLATE), {"new_name": new_name})

    # Orders
    def getOrders(self, params: Any = UNDEFINED) -> Any:
        return self._get("/orders", page_of(ORDER), params)

    def getOrder(self, order_id: str) -> Any:
        return self._get(f"/orders/{order_id}", one(ORDER))

    def createOrder(self, data: dict[str, Any]) -> Any:
        return self._post("/orders", one(ORDER), data)

    def approveOrder(self, order_id: str, notes: Any = UNDEFINED) -> Any:
        return self._post(f"/orders/{order_id}/approve", one(ORDER), {"approval_notes": notes})

    def fulfillOrder(self, order_id: str) -> Any:
        return self._post(f"/orders/{order_id}/fulfill", one(ORDER), {})

    def cancelOrder(self, order_id: str, reason: str) -> Any:
        return self._post(f"/orders/{order_id}/cancel", one(ORDER), {"reason": reason})

    # Validation
    def validateLicenseKey(self, license_key: str) -> Any:
        return self._post("/validate", one(KEY_VERDICT), {"license_key": license_key})

    def _get(self, path: str, returns: Any, params: Any = UNDEFINED) -> Any:
        return self._request("GET", path, returns, params=params)

    def _post(self, path: str, returns: Any, body: dict[str, Any]) -> Any:
        return self._request("POST", path, returns, body=body)

    def _request(
        self, method: str, path: str, returns: Any, *, params: Any = UNDEFINED, body: Any = None
    ) -> Any:
        query = {} if params is UNDEFINED else _in_query(params)
        response = Client(raise_request_exception=False).generic(
            method,
            # The test client would take the first of two slashes for the start of a host.
            "/",
            PATH_INFO=f"{self.base_url}{LICENSING}{path}",
            QUERY_STRING=urlencode(query),
            data=b"" if body is None else json.dumps(_defined(body)).encode(),
            content_type="application/json",
            # A GET, too, says that it sends JSON, though it sends nothing.
            CONTENT_TYPE="application/json",
            headers=self.default_headers,
        )
        assert response["Content-Type"].startswith("application/json"), (path, response.content)
        answer = response.json()
        call = f"{method} {path}"
        if not 200 <= response.status_code < 300:
            assert list(faults(answer, ERROR)) == [], call
            raise ISPError(call, response.status_code, answer)
        assert response.status_code != 204, call
        assert list(faults(answer, returns)) == [], call
        return answer

    def __getattribute__(self, name: str) -> Any:
        if name in METHODS:
            self.called.add(name)
        return super().__getattribute__(name)


METHODS = {
    name
    for name, value in vars(LicensingApiClient).items()
    if callable(value) and not name.startswith("_")
}


def _in_query(params: dict[str, Any]) -> dict[str, str]:
    """Return parameters as they stand in an address: objects and arrays each as JSON text."""
    return {
        name: _as_text(value)
        for name, value in params.items()
        if value is not UNDEFINED and value is not None
    }


def _as_text(value: Any) -> str:
    if isinstance(value, dict | list | bool):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def _defined(body: Any) -> Any:
    """Return a body as JSON.stringify writes it: what is undefined vanishes."""
    if isinstance(body, dict):
        return {name: _defined(item) for name, item in body.items() if item is not UNDEFINED}
    return [_defined(item) for item in body] if isinstance(body, list) else body
