"""The ASGI entry: `uvicorn config.asgi:application`."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.body_limit import limit_body

FORM_BYTES = 1024 * 1024  # what a form may weigh besides its file

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()
application = limit_body(django_application, settings.CASEFARM_UPLOAD_LIMIT_MB * 1024 * 1024 + FORM_BYTES)
