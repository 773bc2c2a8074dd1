"""The ASGI application that `watchfloor web` serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
application = get_asgi_application()
