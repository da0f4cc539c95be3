"""The settings by which the API's conventions reach every view: nothing here decides anything."""

from typing import Any

_HERE = "licensing_portal.api"

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        f"{_HERE}.authentication.ApiKeyAuthentication",
        f"{_HERE}.authentication.StaffSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        f"{_HERE}.permissions.HoldsScope",
        f"{_HERE}.parsing.ReadableAddress",
        f"{_HERE}.permissions.ActsInNamedTenant",
    ],
    "DEFAULT_THROTTLE_CLASSES": [f"{_HERE}.limits.CredentialThrottle"],
    "DEFAULT_PARSER_CLASSES": [f"{_HERE}.parsing.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": f"{_HERE}.envelope.OnlyJSON",
    "DEFAULT_PAGINATION_CLASS": f"{_HERE}.pages.Page",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": f"{_HERE}.schema.OperationSchema",
    "EXCEPTION_HANDLER": f"{_HERE}.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Licensing Portal",
    "DESCRIPTION": (
        "Licences, devices, products and people. Answers come in an envelope (`data`), lists with "
        "`pagination`, refusals with a stable `code`."
    ),
    "VERSION": "1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_PUBLIC": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/licensing",
    "PREPROCESSING_HOOKS": [f"{_HERE}.schema.one_endpoint_per_method"],
    "DEFAULT_GENERATOR_CLASS": f"{_HERE}.schema.Generator",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [f"{_HERE}.schema.with_words"],
}
