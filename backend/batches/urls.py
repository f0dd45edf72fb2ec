"""Addresses of the batches API."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
