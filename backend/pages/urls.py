"""Addresses of the front end: everything that no other room answers."""

from django.urls import re_path

from pages.views import show_page

OTHER_ROOMS = ("api", "static", "admin", "_allauth", "metrics")

urlpatterns = [
    re_path(rf"^(?!(?:{'|'.join(OTHER_ROOMS)})(?:/|$)).*$", show_page, name="page"),
]
