from django.urls import path

from webapp.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sent/", views.sent, name="sent"),
    path("link/<str:token>/", views.link, name="link"),
    path("link/<str:token>/renew/", views.renew, name="renew"),
    path("signing-password/", views.signing_password, name="signing_password"),
    path("sign-out/", views.sign_out, name="sign_out"),
]
