"""The head of every report: ethics, registration, protocol, planned power; and the flow of readers and readings."""

from typing import Any

from django.utils.translation import gettext as _

from readerstudy.analytics import numbers

Report = dict[str, Any]
Lines = list[tuple[str, str]]


def head(report: Report) -> Lines:
    """(name, value). A study that gave no ethics number says so; a table from a file has no head."""
    protocol = report["protocol"]
    if not protocol:
        return []
    missing = _("not given")
    lines = [
        (_("Ethics committee"), protocol["ethics_committee"] or missing),
        (_("Ethics number"), protocol["ethics_number"] or missing),
        (_("Registration"), protocol["registration"] or missing),
    ]
    if protocol["protocol_sha256"]:
        version = {"n": protocol["protocol_version"], "sha": protocol["protocol_sha256"]}
        lines.append((_("Protocol"), _("version %(n)s, SHA-256 %(sha)s") % version))
    lines.append((_("Seed of the plan"), _seed(protocol)))
    if protocol["readings_sha256"]:
        signed = {"day": protocol["locked_at"][:10], "sha": protocol["readings_sha256"]}
        lines.append((_("Readings locked"), _("%(day)s, SHA-256 %(sha)s") % signed))
    if planned := protocol["planned_power"]:
        lines.append((_("Planned power"), _power(planned)))
    lines += [(_("Unblinded before the lock"), f"{one['at'][:10]}, {one['reason']}") for one in protocol["unblinded"]]
    return lines


FLOW = (
    ("readers_enrolled", lambda: _("Readers enrolled")),
    ("readers_consented", lambda: _("consented")),
    ("readers_begun", lambda: _("read a case")),
    ("readers_finished", lambda: _("read every case of theirs")),
    ("readers_withdrawn", lambda: _("withdrew")),
    ("readers_excluded", lambda: _("excluded")),
    ("cases", lambda: _("Cases")),
    ("readings_planned", lambda: _("Readings planned")),
    ("readings_not_counted", lambda: _("of these practice, not counted")),
    ("readings_hidden_repeats", lambda: _("of these hidden repeats")),
)


def flow(report: Report) -> Lines:
    """(step, how many)."""
    steps = report["flow"]
    return [(title(), str(steps[name])) for name, title in FLOW if name in steps]


def _seed(protocol: Report) -> str:
    if protocol["seed"] is None:
        return _("SHA-256 %(sha)s; revealed by the lock") % {"sha": protocol["seed_sha256"]}
    return _("%(seed)s, SHA-256 %(sha)s") % {"seed": protocol["seed"], "sha": protocol["seed_sha256"]}


def _power(planned: Report) -> str:
    return _("%(power)s to find %(points)s points with %(readers)s readers and %(cases)s cases") % {
        "power": numbers.percent(planned["power"], 0),
        "points": numbers.decimal(100 * planned["difference"], 1),
        "readers": planned["readers"],
        "cases": planned["cases"],
    }
