"""Commands of `manage.py` that belong to `operations`."""
