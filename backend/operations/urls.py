"""Addresses of the operations API."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
