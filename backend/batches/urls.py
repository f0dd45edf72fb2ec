"""Addresses of the batches API."""

from django.urls import path, register_converter

from batches import api, legacy_api, rerun_api, tasks_api
from batches.analysis import comparison_api, front_api, savings_api, sensitivity_api
from batches.clean_up import api as clean_up_api
from batches.converters import SignedConverter
from batches.growth import added_outputs_api, extension_api
from batches.live import events_api
from batches.previews import preview_api, study_tables_api
from batches.results import archives_api, complaints_api, inputs_api, timeseries_api
from batches.scheduling import quota_api

register_converter(SignedConverter, "signed")

CASE = "batches/<uuid:batch_id>/cases/<signed:index>/"
COMPARISON = "batches/<uuid:batch_id>/comparison/<uuid:other_id>/"

urlpatterns = [
    path("study-tables/", study_tables_api.StudyTablesView.as_view(), name="study-tables"),
    path("quota/", quota_api.QuotaView.as_view(), name="quota"),
    path("study-schema/", api.StudySchemaView.as_view(), name="study-schema"),
    path("batches/", api.BatchListView.as_view(), name="batches"),
    path("batches/preview/", preview_api.PreviewView.as_view(), name="batch-preview"),
    path("batches/pilot/", preview_api.PilotView.as_view(), name="batch-pilot"),
    path("batches/<uuid:batch_id>/", api.BatchView.as_view(), name="batch"),
    path("batches/<uuid:batch_id>/events/", events_api.EventsView.as_view(), name="batch-events"),
    path("events/", events_api.ListEventsView.as_view(), name="events"),
    path("batches/<uuid:batch_id>/cancel/", api.CancelView.as_view(), name="batch-cancel"),
    path("batches/<uuid:batch_id>/retry/", rerun_api.RetryView.as_view(), name="batch-retry"),
    path("batches/<uuid:batch_id>/columns/", api.ColumnsView.as_view(), name="batch-columns"),
    path("batches/<uuid:batch_id>/results/", api.ResultsView.as_view(), name="batch-results"),
    path("batches/<uuid:batch_id>/extend/", extension_api.ExtendView.as_view(), name="batch-extend"),
    path("batches/<uuid:batch_id>/outputs/", added_outputs_api.AddedOutputsView.as_view(), name="batch-outputs"),
    path("batches/<uuid:batch_id>/sensitivity/", sensitivity_api.SensitivityView.as_view(), name="batch-sensitivity"),
    path("batches/<uuid:batch_id>/timeseries/", timeseries_api.TimeseriesView.as_view(), name="batch-timeseries"),
    path("batches/<uuid:batch_id>/archive/", archives_api.ArchiveView.as_view(), name="batch-archive"),
    path("batches/<uuid:batch_id>/front/", front_api.FrontView.as_view(), name="batch-front"),
    path("batches/<uuid:batch_id>/valuation/", savings_api.ValuationView.as_view(), name="batch-valuation"),
    path("batches/<uuid:batch_id>/savings/", savings_api.SavingsView.as_view(), name="batch-savings"),
    path("batches/<uuid:batch_id>/costs/", savings_api.CostsView.as_view(), name="batch-costs"),
    path(COMPARISON, comparison_api.ComparisonView.as_view(), name="batch-comparison"),
    path(f"{COMPARISON}summary/", comparison_api.ComparisonSummaryView.as_view(), name="batch-comparison-summary"),
    path("batches/<uuid:batch_id>/cases/", api.CaseListView.as_view(), name="batch-cases"),
    path(CASE, api.CaseView.as_view(), name="case"),
    path(f"{CASE}cancel/", rerun_api.CancelCaseView.as_view(), name="case-cancel"),
    path(f"{CASE}timeseries/", timeseries_api.CaseTimeseriesView.as_view(), name="case-timeseries"),
    path(f"{CASE}messages/", complaints_api.CaseMessagesView.as_view(), name="case-messages"),
    path(f"{CASE}inputs/<str:sha256>/", inputs_api.CaseInputView.as_view(), name="case-input"),
    path(f"{CASE}files/<str:name>", api.CaseFileView.as_view(), name="case-file"),
    path("tasks/<uuid:task_id>/", tasks_api.TaskView.as_view(), name="task"),
    path("tasks/<uuid:task_id>/status/", tasks_api.TaskStatusView.as_view(), name="task-status"),
    path("tasks/<uuid:task_id>/result/", tasks_api.TaskResultView.as_view(), name="task-result"),
    path("clean-up/", clean_up_api.CleanUpListView.as_view(), name="clean-ups"),
    path("clean-up/<int:report_id>/", clean_up_api.CleanUpView.as_view(), name="clean-up"),
    path("simulation/run/", legacy_api.RunView.as_view(), name="simulation-run"),
    path("simulation/task/<uuid:task_id>/status/", legacy_api.TaskStatusView.as_view(), name="simulation-task-status"),
    path("simulation/task/<uuid:task_id>/cancel/", legacy_api.TaskCancelView.as_view(), name="simulation-task-cancel"),
    path("simulation/<uuid:simulation_id>/status/", legacy_api.StatusView.as_view(), name="simulation-status"),
    path("simulation/<uuid:simulation_id>/results/", legacy_api.ResultsView.as_view(), name="simulation-results"),
    path("simulation/<uuid:simulation_id>/download/", legacy_api.DownloadView.as_view(), name="simulation-download"),
]
