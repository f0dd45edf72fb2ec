"""Commands of `manage.py` that belong to `backups`."""
