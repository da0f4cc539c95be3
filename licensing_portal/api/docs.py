"""The OpenAPI document and the page that shows it, both served by nobody but us."""

from csp.decorators import csp_update
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

schema = SpectacularJSONAPIView.as_view()
# The page's own library styles itself inline and draws its icons from `data:`.
page = csp_update({"style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api-schema")
)
