from django.db import migrations, models

FILL = """
    UPDATE batches_batch AS batch
       SET closed_shards = closed.shards, closed_succeeded = closed.succeeded, closed_suspect = closed.suspect,
           closed_failed = closed.failed, closed_cancelled = closed.cancelled, closed_cached = closed.cached,
           closed_bytes = closed.stored_bytes,
           metric_names = coalesce((
               SELECT jsonb_agg(DISTINCT found.name)
                 FROM batches_shard AS shard CROSS JOIN jsonb_array_elements(shard.metric_names) AS found (name)
                WHERE shard.batch_id = batch.id AND shard.state = 'finished'
           ), '[]'::jsonb)
      FROM (
          SELECT batch_id, count(*) AS shards, sum(succeeded) AS succeeded, sum(suspect) AS suspect,
                 sum(failed) AS failed, sum(cancelled) AS cancelled, sum(cached) AS cached,
                 sum(stored_bytes) AS stored_bytes
            FROM batches_shard WHERE state = 'finished' GROUP BY batch_id
      ) AS closed
     WHERE batch.id = closed.batch_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0007_room_for_a_million"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="shard",
            index=models.Index(
                condition=models.Q(("epoch__gt", 0), models.Q(("state", "finished"), _negated=True)),
                fields=["batch", "number"],
                name="shard_begun",
            ),
        ),
        migrations.RunSQL(FILL, reverse_sql=migrations.RunSQL.noop),
    ]
