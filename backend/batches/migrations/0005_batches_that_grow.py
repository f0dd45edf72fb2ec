"""What a batch was extended by, and what its cases are valued with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0004_count_cached_cases")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="extensions",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="batch",
            name="valuation",
            field=models.JSONField(null=True),
        ),
    ]
