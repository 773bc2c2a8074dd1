from allauth.account import views as allauth
from django.urls import path

from watchfloor.team import people_views, strategy_views, views

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
    path("m/<slug:slug>/settings/", views.mission_settings, name="mission-settings"),
    path("m/<slug:slug>/strategy/", strategy_views.strategy, name="strategy"),
    path("m/<slug:slug>/people/", people_views.mission_people, name="mission-people"),
    path("m/<slug:slug>/people/<int:person_id>/", people_views.change_member, name="mission-member"),
    path(
        "m/<slug:slug>/invitations/<int:invitation_id>/revoke/",
        people_views.revoke_invitation,
        name="invitation-revoke",
    ),
    path("join/<str:token>/", people_views.join, name="join"),
    path("rights/", people_views.rights, name="rights"),
    path("people/", people_views.everybody, name="everybody"),
    path("you/keys/", people_views.keys, name="keys"),
    path("you/keys/<int:token_id>/revoke/", people_views.revoke_key, name="key-revoke"),
]
