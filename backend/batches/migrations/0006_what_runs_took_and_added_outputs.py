"""What runs took, series added to ended batches, and the pace of batches that were extended."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0005_batches_that_grow"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="ran_before",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="batch",
            name="resumed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="OutputAddition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("outputs", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("failure", models.TextField(blank=True, default="")),
                ("next_shard", models.PositiveIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("case_total", models.PositiveIntegerField()),
                ("cases_read", models.PositiveIntegerField(default=0)),
                ("cases_lacking", models.JSONField(default=list)),
                ("lacking_count", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_progress_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="additions", to="batches.batch"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RunSample",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_id",
                        "shard",
                        "model_sha256",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("batch_id", models.UUIDField()),
                ("shard", models.PositiveIntegerField()),
                ("model_sha256", models.CharField(max_length=64)),
                ("run_period", models.JSONField()),
                ("days", models.FloatField()),
                ("keep_full", models.BooleanField()),
                ("outputs", models.JSONField(default=list)),
                ("run_s", models.JSONField()),
                ("stored_bytes", models.JSONField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["model_sha256", "-created_at"], name="sample_of_model")],
            },
        ),
    ]
