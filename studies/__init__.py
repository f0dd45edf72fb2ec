"""The study language: what varies, how, and which cases follow. Free of Django and Celery."""
