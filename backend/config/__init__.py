"""How the service is put together: settings, URLs, the Celery application and the ASGI entry."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
