from django.urls import path

from watchfloor.web import views

urlpatterns = [path("m/<slug:slug>/fresh/", views.fresh, name="fresh")]
