from django.urls import path

from watchfloor.wall import photos, screens, views

urlpatterns = [
    path("m/<slug:slug>/walls/", views.walls, name="walls"),
    path("m/<slug:slug>/walls/<int:wall_id>/", views.arrange, name="wall"),
    path("m/<slug:slug>/walls/<int:wall_id>/remove/", views.remove, name="wall-remove"),
    path("m/<slug:slug>/walls/<int:wall_id>/scenes/new/", views.new_scene, name="scene-new"),
    path("m/<slug:slug>/walls/<int:wall_id>/scenes/<int:scene_id>/", views.scene, name="scene"),
    path("m/<slug:slug>/walls/<int:wall_id>/scenes/<int:scene_id>/move/", views.move, name="scene-move"),
    path("m/<slug:slug>/walls/<int:wall_id>/shares/<int:share_id>/revoke/", views.revoke, name="share-revoke"),
    path("m/<slug:slug>/walls/<int:wall_id>/remote/", views.remote, name="wall-remote"),
    path("m/<slug:slug>/walls/<int:wall_id>/posts/", views.gate, name="wall-posts"),
    path("m/<slug:slug>/walls/<int:wall_id>/screen/", screens.screen, name="wall-screen"),
    path("m/<slug:slug>/walls/<int:wall_id>/live/", screens.live, name="wall-live"),
    path("w/picture/<str:token>/", photos.wall_picture, name="wall-picture"),
    path("w/<str:token>/", screens.shared_screen, name="shared-wall"),
    path("w/<str:token>/live/", screens.shared_live, name="shared-wall-live"),
]
