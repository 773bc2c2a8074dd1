from django.urls import path

from watchfloor.live import views

urlpatterns = [path("live/<slug:slug>/", views.mission_stream, name="live")]
