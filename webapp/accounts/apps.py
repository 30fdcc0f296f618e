from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "webapp.accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in  # apps are there only now
        from django.utils import timezone

        from webapp.accounts.signing import note_sign_in

        def note(request: object, **signal: object) -> None:
            note_sign_in(request.session, at=timezone.now())

        user_logged_in.connect(note, dispatch_uid="note-sign-in", weak=False)
