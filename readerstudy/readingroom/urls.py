from django.urls import path

from readerstudy.readingroom import api, views, withdrawal

app_name = "readingroom"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:slug>/", views.room, name="room"),
    path("<slug:slug>/consent/", views.consent, name="consent"),
    path("<slug:slug>/profile/", views.profile, name="profile"),
    path("<slug:slug>/practice/", views.practice, name="practice"),
    path("<slug:slug>/washout/", views.washout, name="washout"),
    path("<slug:slug>/washout/next-round.ics", views.calendar, name="calendar"),
    path("<slug:slug>/leave/", withdrawal.withdraw, name="withdraw"),
    path("<slug:slug>/end/", views.end, name="end"),
    path("<slug:slug>/batch/", views.batch, name="batch"),
    path("<slug:slug>/debriefing/", views.debriefing, name="debriefing"),
    path("<slug:slug>/picture/<uuid:reading_id>/<slug:what>/<int:number>/", views.picture, name="picture"),
    path("<slug:slug>/api/next", api.NextView.as_view(), name="next"),
    path("<slug:slug>/api/trial/<uuid:reading_id>/start", api.StartView.as_view(), name="start"),
    path("<slug:slug>/api/trial/<uuid:reading_id>/shown", api.ShownView.as_view(), name="shown"),
    path("<slug:slug>/api/trial/<uuid:reading_id>/aid", api.AidView.as_view(), name="aid"),
    path("<slug:slug>/api/trial/<uuid:reading_id>/submit", api.SubmitView.as_view(), name="submit"),
]
