"""Addresses of the library API."""

from django.urls import path

from library import api
from library.construction_api import ConstructionSetsView, ConstructionSetView, ImportConstructionsView
from library.engines_api import EngineListView
from library.measures_api import MeasureListView

urlpatterns = [
    path("construction-sets/", ConstructionSetsView.as_view(), name="construction-sets"),
    path("construction-sets/import/", ImportConstructionsView.as_view(), name="construction-sets-import"),
    path("construction-sets/<str:reference>/", ConstructionSetView.as_view(), name="construction-set"),
    path("engines/", EngineListView.as_view(), name="engines"),
    path("measures/", MeasureListView.as_view(), name="measures"),
    path("models/", api.ModelsView.as_view(), name="models"),
    path("models/<str:reference>/", api.ModelView.as_view(), name="model"),
    path("models/<str:reference>/classes/", api.ModelClassesView.as_view(), name="model-classes"),
    path("models/<str:reference>/objects/", api.ModelObjectsView.as_view(), name="model-objects"),
    path("weather/", api.WeathersView.as_view(), name="weathers"),
    path("weather/<str:reference>/", api.WeatherView.as_view(), name="weather"),
]
