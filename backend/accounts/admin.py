"""Pages of Django's admin: the quotas of users."""

from django.contrib import admin

from accounts.models import UserQuota


@admin.register(UserQuota)
class UserQuotaAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Quotas of users that are others than the farm's."""

    list_display = ("user", "cases", "stored_gb", "uploads_mb")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    search_fields = ("user__username",)
