from django.urls import path

from watchfloor.web import views

urlpatterns = [
    path("favicon.ico", views.favicon, name="favicon"),
    path("m/<slug:slug>/fresh/", views.fresh, name="fresh"),
]
