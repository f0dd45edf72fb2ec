"""Addresses of the operations API."""

from django.urls import path

from operations import api

urlpatterns = [
    path("health/", api.HealthView.as_view(), name="health"),
    path("workers/", api.WorkersView.as_view(), name="workers"),
    path("workers/tasks/", api.RunningTasksView.as_view(), name="running-tasks"),
]
