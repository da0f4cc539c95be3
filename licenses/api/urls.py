"""Addresses of the catalogue, licences and activations."""

from django.urls import path

from accounts.api.base import by_method
from licenses.api.features import CreateFeature, GetFeatures, UpdateFeature
from licenses.api.products import CreateProduct, GetProduct, GetProducts, UpdateProduct

urlpatterns = [
    path("products", by_method(get=GetProducts, post=CreateProduct), name="api-products"),
    path(
        "products/<str:product_id>",
        by_method(get=GetProduct, put=UpdateProduct),
        name="api-product",
    ),
    path(
        "products/<str:product_id>/features",
        by_method(get=GetFeatures, post=CreateFeature),
        name="api-features",
    ),
    path(
        "products/<str:product_id>/features/<str:feature_id>",
        by_method(put=UpdateFeature),
        name="api-feature",
    ),
]
