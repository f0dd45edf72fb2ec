from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0012_attempts_without_end_and_retries"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="shard_engine",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="batch",
            name="rounds",
            field=models.JSONField(null=True),
        ),
    ]
