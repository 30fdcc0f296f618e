from django.urls import path

from readerstudy.administration import ai, cases, closing, design, launch, monitor, readers, studies

app_name = "administration"
urlpatterns = [
    path("", studies.home, name="home"),
    path("new/", studies.create, name="create"),
    path("<slug:slug>/", studies.overview, name="study"),
    path("<slug:slug>/design/", design.design, name="design"),
    path("<slug:slug>/design/preview/", design.preview, name="design-preview"),
    path("<slug:slug>/cases/", cases.cases, name="cases"),
    path("<slug:slug>/cases/<uuid:case_id>/", cases.picture, name="case-picture"),
    path("<slug:slug>/practice/<uuid:case_id>/", cases.practice_picture, name="practice-picture"),
    path("<slug:slug>/ai/", ai.ai, name="ai"),
    path("<slug:slug>/ai/live/", ai.live, name="ai-live"),
    path("<slug:slug>/readers/", readers.readers, name="readers"),
    path("<slug:slug>/readers/<uuid:reader_id>/link/", readers.link, name="link"),
    path("<slug:slug>/launch/", launch.launch, name="launch"),
    path("<slug:slug>/monitor/", monitor.monitor, name="monitor"),
    path("<slug:slug>/monitor/live/", monitor.live, name="monitor-live"),
    path("<slug:slug>/close/", closing.close, name="close"),
]
