"""Addresses of the surrogates API."""

from django.urls import path

from surrogates import prediction_api, verification_api

SURROGATE = "surrogates/<uuid:surrogate_id>/"

urlpatterns = [
    path(f"{SURROGATE}predict/", prediction_api.PredictView.as_view(), name="surrogate-predict"),
    path(f"{SURROGATE}verify/", verification_api.VerifyView.as_view(), name="surrogate-verify"),
    path(f"{SURROGATE}verifications/", verification_api.VerificationsView.as_view(), name="surrogate-verifications"),
]
