"""The ASGI entry: `uvicorn config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

from django.conf import settings  # noqa: E402 - there are none before Django is set up

from config.body_limit import limit_body  # noqa: E402

FORM_BYTES = 1024 * 1024  # what a form may weigh besides its file
application = limit_body(django_application, settings.CASEFARM_UPLOAD_LIMIT_MB * 1024 * 1024 + FORM_BYTES)
