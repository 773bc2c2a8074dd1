from allauth.account import views as allauth
from django.urls import path

from watchfloor.team import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-in/no-password/", views.signed_up_nowhere, name="account_reset_password"),
    path("sign-in/no-entry/", allauth.account_inactive, name="account_inactive"),
    path("sign-in/<str:token>/", views.use_link, name="sign-in-link"),
    path("sign-out/", allauth.logout, name="account_logout"),
    path("password/", views.password, name="password"),
    path("you/", views.you, name="you"),
    path("you/theme/", views.theme, name="theme"),
    path("missions/new/", views.new_mission, name="mission-new"),
    path("m/<slug:slug>/settings/", views.mission_settings, name="mission-settings"),
    path("missions/own/", views.own_mission, name="own-mission"),
]
