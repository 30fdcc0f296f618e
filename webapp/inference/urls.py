from django.urls import path

from webapp.inference import views

app_name = "inference"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:model_id>/", views.model_page, name="model"),
    path("<uuid:model_id>/promote/", views.promote_model, name="promote"),
]
