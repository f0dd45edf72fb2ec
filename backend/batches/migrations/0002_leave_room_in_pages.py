"""Leaves room in the pages of rows that change often, so that their updates stay in the page (HOT) and touch no index."""

from django.db import migrations

TABLES = ("batches_case", "batches_shard")


class Migration(migrations.Migration):
    dependencies = [("batches", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[f"ALTER TABLE {table} SET (fillfactor = 70)" for table in TABLES],
            reverse_sql=[f"ALTER TABLE {table} RESET (fillfactor)" for table in TABLES],
        )
    ]
