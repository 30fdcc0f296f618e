from django.urls import path

from readerstudy.analytics import views

app_name = "analytics"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:slug>/", views.results, name="results"),
    path("<slug:slug>/report.json", views.report, name="report"),
    path("<slug:slug>/report.csv", views.readings, name="readings"),
    path("<slug:slug>/codebook.md", views.codebook, name="codebook"),
    path("<slug:slug>/tables/<slug:name>.csv", views.table, name="table"),
]
