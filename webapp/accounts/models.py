"""People, what they may do on the whole site, and the links by which they sign in. A password is only for signing
what must be signed, never for signing in."""

from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Person(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(unique=True)  # always lower case: accounts.services.person_for sees to it
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects: BaseUserManager["Person"] = BaseUserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="email_is_lower_case")]

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.Model):
    """What a person may do on the whole site. A reader's role is membership of a study, and kept there."""

    class Name(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        CLINICIAN = "clinician", _("Clinician")
        ENGINEER = "engineer", _("Engineer")
        TEAM = "team", _("Study team")  # has a role in a study: which one is kept there

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=20, choices=Name)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="a_role_is_granted_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_name_display()}"


class SignInLink(models.Model):
    """A link that signs one person in, once. The token itself is nowhere stored."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    next = models.CharField(max_length=500, default="/")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="a_link_is_valid_for_some_time")
        ]

    def __str__(self) -> str:
        return f"Sign-in link {self.id}"


class SignInTry(models.Model):
    """One knock at the door: a link asked for, a token that is none, a wrong password. Counted by accounts.locks."""

    class Kind(models.TextChoices):
        LINK_ASKED_FOR = "link_asked_for"
        UNKNOWN_TOKEN = "unknown_token"
        SIGNING_PASSWORD = "signing_password"

    kind = models.CharField(max_length=20, choices=Kind)
    who = models.CharField(max_length=320)  # the e-mail address asked for, the network address, or the person's id
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "who", "at"], name="tries_of_one_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M}"
