"""Commands of `manage.py` that belong to `library`."""
