"""Count on each shard how many of its cases were taken over from identical ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0003_what_cases_share")]

    operations = [
        migrations.AddField(
            model_name="shard",
            name="cached",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
