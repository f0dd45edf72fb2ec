"""What an administrator has settled for a user in particular."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models


class UserQuota(models.Model):
    """A user's own quotas, where they are others than the farm's; 0 is no limit. Read by `accounts.quotas`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    cases = models.BigIntegerField(
        "cases in flight",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Cases of active batches that are not final. Empty: as CASEFARM_QUOTA_CASES says; 0: no limit.",
    )
    stored_gb = models.FloatField(
        "stored files in GB",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Files that the cases of all batches keep. Empty: as CASEFARM_QUOTA_STORED_GB says; 0: no limit.",
    )
    uploads_mb = models.FloatField(
        "uploads in MB",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Models and weather files in the library. Empty: as CASEFARM_QUOTA_UPLOADS_MB says; 0: no limit.",
    )

    def __str__(self) -> str:
        return f"quotas of user {self.user_id}"
