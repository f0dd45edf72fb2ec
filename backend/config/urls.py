"""Every address the service answers."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

handler404 = "problems.views.answer_not_found"
handler500 = "problems.views.answer_server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/", include("accounts.urls")),
    path("api/", include("library.urls")),
    path("api/", include("batches.urls")),
    path("api/", include("surrogates.urls")),
    path("api/", include("operations.urls")),
    path("", include("django_prometheus.urls")),
    path("", include("pages.urls")),
]
