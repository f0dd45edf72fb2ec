"""Addresses of the surrogates API."""

from django.urls import path

from surrogates import prediction_api

SURROGATE = "surrogates/<uuid:surrogate_id>/"

urlpatterns = [
    path(f"{SURROGATE}predict/", prediction_api.PredictView.as_view(), name="surrogate-predict"),
]
