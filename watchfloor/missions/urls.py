from django.urls import path

from watchfloor.missions import goal_views, life_views, set_up_views, views

urlpatterns = [
    path("missions/", life_views.missions, name="missions"),
    path("missions/new/", set_up_views.new, name="mission-new"),
    path("missions/own/", set_up_views.own, name="own-mission"),
    path("rules/", views.rules, name="mission-rules"),
    path("m/<slug:slug>/", views.home, name="mission-home"),
    path("m/<slug:slug>/home/", views.home_body, name="mission-home-body"),
    path("m/<slug:slug>/stand-up/", views.stand_up, name="stand-up"),
    path("m/<slug:slug>/set-up/", set_up_views.go_on, name="set-up-start"),
    path("m/<slug:slug>/set-up/check/", set_up_views.check, name="set-up-check"),
    path("m/<slug:slug>/set-up/<slug:name>/", set_up_views.step, name="set-up"),
    path("m/<slug:slug>/goals/", goal_views.goals, name="goals"),
    path("m/<slug:slug>/goals/new/", goal_views.new, name="goal-new"),
    path("m/<slug:slug>/goals/<int:pk>/", goal_views.goal, name="goal"),
    path("m/<slug:slug>/goals/<int:pk>/drop/", goal_views.drop, name="goal-drop"),
    path("m/<slug:slug>/goals/<int:pk>/baseline/", goal_views.measure_baseline, name="goal-baseline"),
    path("m/<slug:slug>/level/", life_views.level, name="level"),
    path("m/<slug:slug>/clone/", life_views.clone, name="mission-clone"),
    path("m/<slug:slug>/close/", life_views.close, name="mission-close"),
    path("m/<slug:slug>/reopen/", life_views.reopen, name="mission-reopen"),
    path("m/<slug:slug>/compare/", life_views.compare_with, name="compare-with"),
    path("m/<slug:slug>/compare/<slug:name>/", life_views.compare, name="compare"),
]
