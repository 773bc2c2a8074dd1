from django.urls import path

from watchfloor.sources import views
from watchfloor.sources.look_back_views import looking_back
from watchfloor.sources.webhook.views import Receive

urlpatterns = [
    path("hooks/<slug:token>/", Receive.as_view(), name="hook"),
    path("m/<slug:slug>/look-back/", looking_back, name="look-back"),
    path("sources/", views.sources, name="sources"),
    path("sources/add/<slug:name>/", views.add, name="source-add"),
    path("sources/add/<slug:name>/try/", views.try_out, name="source-try"),
    path("sources/<int:pk>/", views.connection, name="source-connection"),
    path("sources/<int:pk>/switch/", views.switch, name="source-switch"),
    path("sources/<int:pk>/test/", views.test, name="source-test"),
    path("sources/<int:pk>/delete/", views.delete, name="source-delete"),
    path("sources/<int:pk>/secret/", views.new_secret, name="source-new-secret"),
    path("sources/<int:pk>/secret/forget/", views.forget_secret, name="source-forget-secret"),
]
