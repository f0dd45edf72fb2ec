from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [
        migrations.AddField("storedmodel", "attachments", models.JSONField(default=list)),
        migrations.AddField(
            "storedmodel", "attachments_digest", models.CharField(blank=True, default="", max_length=64)
        ),
        migrations.RemoveConstraint("storedmodel", "storedmodel_once_per_owner"),
        migrations.AddConstraint(
            "storedmodel",
            models.UniqueConstraint(
                fields=("owner", "sha256", "attachments_digest"), name="storedmodel_once_per_owner_with_attachments"
            ),
        ),
    ]
