"""Every address. Each needs a signed-in person unless tests/test_rights.py lists it as public."""

from django.urls import include, path

from watchfloor.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("watchfloor.team.urls")),
    path("", include("watchfloor.web.urls")),
    path("", include("watchfloor.sources.urls")),
    path("", include("watchfloor.mentions.urls")),
    path("", include("watchfloor.mentions.panel_urls")),
    path("", include("watchfloor.live.urls")),
    path("", include("watchfloor.wall.urls")),
    path("", include("watchfloor.pipeline.urls")),
    path("", include("watchfloor.missions.urls")),
]

handler400 = "watchfloor.web.views.bad_request"
handler403 = "watchfloor.web.views.forbidden"
handler404 = "watchfloor.web.views.not_found"
