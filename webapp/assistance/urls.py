from django.urls import path

from webapp.assistance import views

app_name = "assistance"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:look_id>/", views.look, name="look"),
    path("<uuid:look_id>/status.json", views.look_status, name="status"),
    path("<uuid:look_id>/image/", views.look_image, name="image"),
    path("<uuid:look_id>/mask/", views.look_mask, name="mask"),
    path("<uuid:look_id>/again/", views.look_again, name="again"),
    path("<uuid:look_id>/delete/", views.look_delete, name="delete"),
]
