"""Addresses of what is on offer."""

from django.urls import path

from accounts.api.base import by_method
from orders.api.simulation import SimulateTemplate
from orders.api.templates import (
    CreateTemplate,
    DuplicateTemplate,
    GetTemplate,
    GetTemplates,
    UpdateTemplate,
)

urlpatterns = [
    path("templates", by_method(get=GetTemplates, post=CreateTemplate), name="api-templates"),
    path(
        "templates/<str:template_id>",
        by_method(get=GetTemplate, put=UpdateTemplate),
        name="api-template",
    ),
    path(
        "templates/<str:template_id>/duplicate",
        DuplicateTemplate.as_view(),
        name="api-template-duplicate",
    ),
    path("simulate/template", SimulateTemplate.as_view(), name="api-simulate-template"),
]
