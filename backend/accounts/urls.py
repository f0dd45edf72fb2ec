"""Addresses of the accounts API."""

from django.urls import path

from accounts.api import AccountView, TokensView, TokenView

urlpatterns = [
    path("account/", AccountView.as_view(), name="account"),
    path("tokens/", TokensView.as_view(), name="tokens"),
    path("tokens/<str:token_id>/", TokenView.as_view(), name="token"),
]
