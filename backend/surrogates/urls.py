"""Addresses of the surrogates API."""

from django.urls import path

from surrogates import errands_api, prediction_api, training_api, verification_api

SURROGATE = "surrogates/<uuid:surrogate_id>/"

urlpatterns = [
    path("surrogates/", training_api.SurrogateListView.as_view(), name="surrogates"),
    path("surrogates/upload/", training_api.SurrogateUploadView.as_view(), name="surrogate-upload"),
    path(SURROGATE, training_api.SurrogateView.as_view(), name="surrogate"),
    path(f"{SURROGATE}cancel/", training_api.SurrogateCancelView.as_view(), name="surrogate-cancel"),
    path(f"{SURROGATE}file/", training_api.SurrogateFileView.as_view(), name="surrogate-file"),
    path("surrogates/errands/<uuid:errand_id>/", errands_api.ErrandDetailView.as_view(), name="errand"),
    path("surrogates/errands/<uuid:errand_id>/cancel/", errands_api.CancelErrandView.as_view(), name="errand-cancel"),
    path("surrogates/errands/<uuid:errand_id>/points/", errands_api.ErrandPointsView.as_view(), name="errand-points"),
    path(f"{SURROGATE}errands/", errands_api.ErrandListView.as_view(), name="surrogate-errands"),
    path(f"{SURROGATE}screen/", errands_api.ScreenView.as_view(), name="surrogate-screen"),
    path(f"{SURROGATE}optimise/", errands_api.OptimiseView.as_view(), name="surrogate-optimise"),
    path(f"{SURROGATE}sensitivity/", errands_api.SensitivityView.as_view(), name="surrogate-sensitivity"),
    path(f"{SURROGATE}dependence/", errands_api.DependenceView.as_view(), name="surrogate-dependence"),
    path(f"{SURROGATE}predict/", prediction_api.PredictView.as_view(), name="surrogate-predict"),
    path(f"{SURROGATE}verify/", verification_api.VerifyView.as_view(), name="surrogate-verify"),
    path(f"{SURROGATE}verifications/", verification_api.VerificationsView.as_view(), name="surrogate-verifications"),
]
