"""Addresses of the library API."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
