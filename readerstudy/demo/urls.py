from django.urls import path

from readerstudy.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.front, name="front"),
    path("enter/<str:role>/", views.enter, name="enter"),
]
