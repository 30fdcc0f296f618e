"""Simulated readers of one study, from their sign-in to their last reading: first all arrive, then all read.

Everybody arrives before anybody reads: the arm of each follows from the order of the profiles, and the model is solved
for the readers as they were allocated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from readerstudy.models import Reader, Study
from readerstudy.protocol.targets import SimulationTargets
from readerstudy.services.preset import preset_named
from readerstudy.simulation.browser import Browser
from readerstudy.simulation.clock import Clock
from readerstudy.simulation.decisions import Mind
from readerstudy.simulation.knowledge import knowledge_of, reads_of
from readerstudy.simulation.latent import Person, people
from readerstudy.simulation.model import solve
from readerstudy.simulation.reader import SimulatedReader, required
from webapp.accounts.services import sign_in_link

UNTOLD = SimulationTargets(readers=23, cases={})  # of a study whose preset tells nothing of simulated readers


@dataclass(frozen=True, slots=True)
class Seat:
    """One simulated reader's place: who sits there, at which browser, by which clock."""

    reader: Reader
    person: Person
    browser: Browser
    clock: Clock


def targets_for(study: Study) -> SimulationTargets:
    """What the simulated readers of a study aim at: its preset's targets, or assumptions."""
    return preset_named(study.preset).simulate or UNTOLD


def seats(
    study: Study, readers: Sequence[Reader], targets: SimulationTargets, *, seed: int,
    clock: Callable[[Reader], Clock], browser: Callable[[Clock], Browser],
) -> list[Seat]:  # fmt: skip
    persons = people(targets, study.design, count=max(one.number for one in readers), seed=seed)
    found = []
    for reader in readers:
        own = clock(reader)
        found.append(Seat(reader, persons[reader.number - 1], browser(own), own))
    return found


def arrive(study: Study, seat: Seat) -> None:
    """Sign in, consent, and tell the profile, where that is still to come. Raises SiteRefused."""
    required(seat.browser.post_form(sign_in_link(seat.reader.person, next="/read/"), {}), 302)
    while True:
        kind = required(seat.browser.post_json(f"/read/{study.slug}/api/next", {}), 200).json()["kind"]
        if kind not in ("consent", "profile"):
            return
        fields = {"agree": "on"} if kind == "consent" else _profile(seat.person)
        required(seat.browser.post_form(f"/read/{study.slug}/{kind}/", fields), 302)
        seat.clock.sleep(20.0)


def ready(
    study: Study, seated: Sequence[Seat], targets: SimulationTargets, *, seed: int, pictures: bool = True
) -> list[SimulatedReader]:
    """The readers with their minds made up, once all have arrived. Raises ImpossibleTarget."""
    knowledge = knowledge_of(study, seed=seed)
    reads = reads_of(study, knowledge, [one.person for one in seated])
    model = solve(study.design, targets, reads, seed=seed)
    planned = _planned(reads.reader_N.tolist(), rounds=len(study.design.rounds))
    return [
        SimulatedReader(
            slug=study.slug,
            browser=one.browser,
            clock=one.clock,
            mind=Mind(model, one.person),
            arm=reads.arms[one.person.number],
            knowledge=knowledge,
            planned=planned.get(at, 0),
            pictures=pictures,
        )
        for at, one in enumerate(seated)
    ]


def _planned(readers: Sequence[int], *, rounds: int) -> Mapping[int, int]:
    counts: dict[int, int] = {}
    for reader in readers:
        counts[reader] = counts.get(reader, 0) + rounds
    return counts


def _profile(person: Person) -> dict[str, str]:
    return {"experience_years": str(person.years), "dermoscopy": "", **person.profile}
