"""Who may do what in one study: one table from permission to roles, asked by every page of a study."""

from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from readerstudy.models import Reader, Study
from readerstudy.models.study_role import StudyRole
from readerstudy.services.errors import Refused
from webapp.accounts.models import Person
from webapp.accounts.roles import has_role

Name = StudyRole.Name


class Permission(StrEnum):
    """One kind of act in a study."""

    WATCH = "watch"  # design, progress, time-outs: no truth, no accuracy
    CONDUCT = "conduct"  # design, cases, readers, launch, close, lock
    EXCLUDE = "exclude"  # decide on exclusions, blind to accuracy
    TRUTH = "truth"  # the reference standard of each case
    RESULTS = "results"  # after the database lock
    RESULTS_UNBLINDED = "results_unblinded"  # before it, after a planned unblinding
    UNBLIND = "unblind"
    TEAM = "team"  # give and end roles


ROLES: dict[Permission, frozenset[str]] = {
    Permission.WATCH: frozenset(Name.values),
    Permission.CONDUCT: frozenset({Name.ADMINISTRATOR}),
    Permission.EXCLUDE: frozenset({Name.ADMINISTRATOR, Name.STATISTICIAN_BLINDED}),
    Permission.TRUTH: frozenset({Name.TRUTH_MANAGER}),
    Permission.RESULTS: frozenset(
        {Name.ADMINISTRATOR, Name.STATISTICIAN_BLINDED, Name.STATISTICIAN_UNBLINDED, Name.MONITOR, Name.AUDITOR}
    ),
    Permission.RESULTS_UNBLINDED: frozenset({Name.STATISTICIAN_UNBLINDED}),
    Permission.UNBLIND: frozenset({Name.ADMINISTRATOR, Name.STATISTICIAN_UNBLINDED}),
    Permission.TEAM: frozenset({Name.ADMINISTRATOR}),
}
NOT_BESIDE_READING = frozenset({Permission.TRUTH, Permission.RESULTS_UNBLINDED, Permission.UNBLIND})
NOT_BY_SITE_ROLE = frozenset({Permission.RESULTS_UNBLINDED})  # needs a signed act or the role itself


class NotAllowed(Refused):
    """The person's roles do not open this."""

    code = "not_allowed"


def may(person: Person, study: Study, permission: Permission) -> bool:
    """One of `permissions_of`."""
    return permission in permissions_of(person, study)


def require(person: Person, study: Study, permission: Permission) -> None:
    """Raises NotAllowed, naming the roles that may."""
    if may(person, study, permission):
        return
    if permission in NOT_BESIDE_READING and reads_in(person, study):
        raise NotAllowed(
            _("You read in “%(title)s”. Who reads in a study sees neither its truth nor results before the lock.")
            % {"title": study.title}
        )
    roles = ", ".join(str(Name(name).label) for name in Name.values if name in ROLES[permission])
    raise NotAllowed(
        _("In “%(title)s” this is for: %(roles)s. Ask an administrator of the study.")
        % {"title": study.title, "roles": roles}
    )


def permissions_of(person: Person, study: Study) -> frozenset[Permission]:
    """Everything that a person may do in a study. At most three queries.

    Site-wide administrators may all but see unblinded results; who reads in a study gets no truth of it.
    """
    roles, everywhere = roles_in(person, study), has_role(person, "administrator")
    held = {one for one in Permission if ROLES[one] & roles or (everywhere and one not in NOT_BY_SITE_ROLE)}
    return frozenset(held - NOT_BESIDE_READING if reads_in(person, study) else held)


def roles_in(person: Person, study: Study) -> frozenset[str]:
    held = StudyRole.objects.filter(study=study, person=person, ended_at__isnull=True)
    return frozenset(held.values_list("role", flat=True))


def reads_in(person: Person, study: Study) -> bool:
    """Takes part as a reader. A withdrawn one too: what was read stays read. A dry run shows the same cases."""
    return Reader.objects.filter(study=study, person=person).exclude(kind="dry_run").exists()


def studies_of(person: Person) -> QuerySet[Study]:
    """The studies whose pages a person may open."""
    if has_role(person, "administrator"):
        return Study.objects.all()
    held = StudyRole.objects.filter(person=person, ended_at__isnull=True)
    return Study.objects.filter(pk__in=held.values("study"))
