"""The ASGI application that `watchfloor web` serves."""

import os
import threading
from importlib import import_module

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
application = get_asgi_application()

# Charts are defined with Altair, which takes a second to import: nobody should wait for it on the first page.
threading.Thread(target=import_module, args=("altair",), name="import-altair", daemon=True).start()
