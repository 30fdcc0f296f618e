"""One simulated reader at its browser: signs in, consents, practises, and reads case after case as a person would."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from readerstudy.protocol.random_stream import stream
from readerstudy.simulation.answers import values_for
from readerstudy.simulation.browser import Browser, Reply
from readerstudy.simulation.clock import Clock
from readerstudy.simulation.decisions import Decision, Look, Mind
from readerstudy.simulation.knowledge import KeyEntry, Knowledge, suggested_label

PAUSE_S = (0.8, 3.0)  # between one case and the next
BETWEEN_BATCHES_S = (3600.0, 3 * 86400.0)
MOST_PRACTICE = 5  # passes; who fails the screening so often gives up
KEYS = UUID("8f6f6c0e-6a0e-4d49-9a1b-6c0f0b9f4a11")  # name space of the keys that make a repeated submit harmless


class SiteRefused(Exception):
    """The site did not do what a reader may expect of it."""


@dataclass(slots=True)
class Report:
    """What a reader did until it had to stop.

    `ended` is "end", "washout", "closed", "batch" (enough batches), "screening" (not passed) or "drop-out".
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    opens_at: str = ""


@dataclass(slots=True)
class SimulatedReader:
    """Lives by its clock. The times that it reports are those that really passed on it."""

    slug: str
    browser: Browser
    clock: Clock
    mind: Mind
    arm: str
    knowledge: Knowledge
    planned: int  # readings in all, as far as this reader goes
    pictures: bool = True  # whether every picture is fetched, or only those of the first case
    report: Report = field(default_factory=Report)
    _batches: int = 1
    _practised: int = 0

    def read(self) -> Report:
        """Everything that is open to this reader now. Raises SiteRefused."""
        while not self.report.ended:
            step = self._api("next", {}).json()
            match step["kind"]:
                case "case":
                    self._case(step)
                case "practice":
                    self._form("practice", {"act": "start"})
                case "practice_done":
                    self._finish_practice()
                case "batch":
                    self._next_batch()
                case "debriefing":
                    self._form("debriefing", {"read": "on"})
                case kind:
                    self._stop(kind, step.get("opens_at", ""))
        return self.report

    def _case(self, step: Mapping[str, Any]) -> None:
        if self._drops_out():
            self.report.ended = "drop-out"
            return
        outcome = self._trial(step)
        self.report.outcomes["practice" if step["practice"] else outcome] += 1

    def _drops_out(self) -> bool:
        stops = self.mind.person.stops
        done = sum(count for outcome, count in self.report.outcomes.items() if outcome != "practice")
        return stops is not None and done >= math.ceil(stops * self.planned)

    def _finish_practice(self) -> None:
        """Go on, or practise again where the screening was not passed."""
        self._practised += 1
        reply = self.browser.post_form(self._page("practice"), {"act": "finish"})
        if reply.status == 422 and self._practised < MOST_PRACTICE:
            self._form("practice", {"act": "start"})
        elif reply.status == 422:
            self.report.ended = "screening"
        else:
            self._require(reply, 302)

    def _next_batch(self) -> None:
        if self._batches >= self.mind.person.batches:
            self.report.ended = "batch"
            return
        self._batches += 1
        self.clock.sleep(self._rng("break", str(self._batches)).uniform(*BETWEEN_BATCHES_S))
        self._form("batch", {})

    def _stop(self, kind: str, opens_at: str) -> None:
        """The end, or a washout that this reader's clock may pass over."""
        if kind == "washout" and self.clock.wait_until(datetime.fromisoformat(opens_at) + self._late()):
            return
        self.report.ended, self.report.opens_at = kind, opens_at

    def _late(self) -> timedelta:
        """Nobody comes back at the very second."""
        return timedelta(seconds=self._rng("late").uniform(60, 20 * 3600))

    def _trial(self, step: Mapping[str, Any]) -> str:
        """One stage of one case, in the order of the real page: fetch, start, shown, decide, submit."""
        trial, lease = f"trial/{step['trial']}", {"lease": step["lease"]}
        if self.pictures or not self.report.outcomes:
            self._fetch(step)
        self._api(f"{trial}/start", lease)
        began = self.clock.reading()
        self._api(f"{trial}/shown", {**lease, "onset_method": "simulated"}, expected=204)
        decision, values = self._decide(step)
        self.clock.sleep(step["limit_ms"] / 1000 if decision.seconds is None else decision.seconds)
        answer = {
            **lease,
            "key": str(uuid5(KEYS, str(step["lease"]))),
            "outcome": "timed_out" if decision.seconds is None else "answered",
            "values": values,
            "rt_ms": round((self.clock.reading() - began) * 1000),
            "measures": {"input_type": "simulated"},
        }
        outcome = self._api(f"{trial}/submit", answer).json()["outcome"]
        self.clock.sleep(self._rng("pause", step["trial"]).uniform(*PAUSE_S))
        return outcome

    def _fetch(self, step: Mapping[str, Any]) -> None:
        aid = step["aid"] or {}
        for picture in [*step["images"], aid.get("mask"), *aid.get("similar", ())]:
            if picture:
                self._require(self.browser.get(picture["url"]), 200)

    def _decide(self, step: Mapping[str, Any]) -> tuple[Decision, dict[str, Any]]:
        """What the reader makes of the case, after the AI output that comes later or on request."""
        entry = self.knowledge.entry(step["trial"])
        limit_s = step["limit_ms"] / 1000 if step["clock"]["hard"] else None
        name = f"{entry.round}.{entry.session}.{entry.occurrence}"
        rng = self._rng("values", str(entry.case or step["position"]), name, str(step["stage"]))
        if entry.case is None:
            decision = self.mind.of_public(
                f"{entry.round}.{entry.session}.{step['position']}.{self._practised}",
                entry.public_truth, entry.public_classes, check=entry.is_attention, limit_s=limit_s,
            )  # fmt: skip
            return decision, values_for(step["questions"], decision, self.mind, None, rng)
        look = self._look(step, entry, limit_s)
        decision = self.mind.decide(look)
        return decision, values_for(step["questions"], decision, self.mind, look, rng)

    def _look(self, step: Mapping[str, Any], entry: KeyEntry, limit_s: float | None) -> Look:
        look = Look(
            trial=step["trial"],
            case=self.knowledge.cases[entry.case],
            arm=self.arm,
            round=entry.round,
            session=entry.session,
            stage=step["stage"],
            modality=entry.modalities[step["stage"] - 1],
            occurrence=entry.occurrence,
            limit_s=limit_s,
        )
        return replace(look, suggested=suggested_label(self._aid(step, look)))

    def _aid(self, step: Mapping[str, Any], look: Look) -> Mapping[str, Any] | None:
        """The AI output that the reader has before him when he decides."""
        if step["aid_when"] == "delayed":
            self.clock.wait(step["aid_delay_ms"] / 1000)
        elif step["aid_when"] != "request" or not self.mind.wants_aid(look):
            return step["aid"]
        return self._api(f"trial/{step['trial']}/aid", {"lease": step["lease"]}).json()["aid"]

    def _rng(self, *purpose: str) -> Random:
        return stream(self.mind.model.seed, "behaviour", str(self.mind.person.number), *purpose)

    def _page(self, name: str) -> str:
        return f"/read/{self.slug}/{name}/"

    def _api(self, path: str, values: Mapping[str, Any], *, expected: int = 200) -> Reply:
        return self._require(self.browser.post_json(f"/read/{self.slug}/api/{path}", values), expected)

    def _form(self, name: str, fields: Mapping[str, str]) -> Reply:
        return self._require(self.browser.post_form(self._page(name), fields), 302)

    def _require(self, reply: Reply, status: int) -> Reply:
        return required(reply, status)


def required(reply: Reply, status: int) -> Reply:
    """The reply, if it is what a reader may expect. Raises SiteRefused."""
    if reply.status != status:
        raise SiteRefused(f"The site answered {reply.status} in place of {status}: {reply.body[:300].decode()}")
    return reply
