from django.urls import path

from watchfloor.mentions import views

urlpatterns = [
    path("m/<slug:slug>/explore/", views.explore, name="explore"),
    path("m/<slug:slug>/topics/", views.explore, name="topics"),
]
