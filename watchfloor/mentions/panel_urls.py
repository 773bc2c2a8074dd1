"""Addresses of panels and metrics. Parameters are those of Explore, and a panel's own settings by their names."""

from django.urls import path

from watchfloor.mentions import panel_views as views

urlpatterns = [
    path("m/<slug:slug>/panels/", views.panels, name="panels"),
    path("m/<slug:slug>/panels/<slug:name>/", views.panel_fragment, name="panel"),
    path("m/<slug:slug>/panels/<slug:name>/page/", views.panel_page, name="panel-page"),
    path("m/<slug:slug>/panels/<slug:name>.csv", views.panel_csv, name="panel-csv"),
    path("m/<slug:slug>/panels/<slug:name>.json", views.panel_json, name="panel-json"),
    path("m/<slug:slug>/panels/<slug:name>.svg", views.panel_svg, name="panel-svg"),
    path("m/<slug:slug>/panels/<slug:name>.png", views.panel_png, name="panel-png"),
    path("m/<slug:slug>/metrics/<slug:name>/", views.metric_page, name="metric"),
]
