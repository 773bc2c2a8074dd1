from django.urls import path

from watchfloor.mentions import emerging_views, panel_views, topic_version_views, topic_views, views

urlpatterns = [
    path("m/<slug:slug>/explore/", views.explore, name="explore"),
    path("m/<slug:slug>/explore/figures/", views.figures, name="explore-figures"),
    path("m/<slug:slug>/explore/rows/", views.mention_rows, name="explore-rows"),
    path("m/<slug:slug>/explore/check/", views.check, name="explore-check"),
    path("m/<slug:slug>/explore/post/<int:post_id>/", views.details, name="explore-post"),
    path("m/<slug:slug>/export.csv", views.export_csv, name="export-csv"),
    path("m/<slug:slug>/export.jsonl", views.export_jsonl, name="export-jsonl"),
    path("m/<slug:slug>/panels/<slug:name>/", panel_views.panel_fragment, name="panel"),
    path("m/<slug:slug>/panels/<slug:name>.csv", panel_views.panel_csv, name="panel-csv"),
    path("m/<slug:slug>/panels/<slug:name>.json", panel_views.panel_json, name="panel-json"),
    path("m/<slug:slug>/metrics/<slug:name>/", panel_views.metric_page, name="metric"),
    path("m/<slug:slug>/topics/", topic_views.topics, name="topics"),
    path("m/<slug:slug>/topics/new/", topic_views.topic_new, name="topic-new"),
    path("m/<slug:slug>/topics/check/", topic_views.topic_check, name="topic-check"),
    path("m/<slug:slug>/topics/<int:pk>/", topic_views.topic, name="topic"),
    path("m/<slug:slug>/topics/<int:pk>/switch/", topic_views.topic_switch, name="topic-switch"),
    path("m/<slug:slug>/topics/templates/", topic_views.topic_library, name="topic-library"),
    path("m/<slug:slug>/topics/<int:pk>/check/", topic_views.topic_check, name="topic-check-change"),
    path("m/<slug:slug>/topics/<int:pk>/remove/", topic_views.topic_remove, name="topic-remove"),
    path("m/<slug:slug>/topics/<int:pk>/versions/", topic_version_views.topic_versions, name="topic-versions"),
    path(
        "m/<slug:slug>/topics/<int:pk>/versions/<int:number>/restore/",
        topic_version_views.topic_restore,
        name="topic-restore",
    ),
    path("m/<slug:slug>/emerging/", emerging_views.emerging, name="emerging"),
    path("m/<slug:slug>/emerging/<int:pk>/add/", emerging_views.emerging_add, name="emerging-add"),
    path("m/<slug:slug>/emerging/<int:pk>/ignore/", emerging_views.emerging_ignore, name="emerging-ignore"),
    path("m/<slug:slug>/emerging/<int:pk>/offer/", emerging_views.emerging_offer, name="emerging-offer"),
]
