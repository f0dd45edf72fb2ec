"""Addresses of the pages API."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
