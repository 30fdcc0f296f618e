"""One simulated reader at its browser: signs in, consents, practises, and reads case after case as a person would."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from readerstudy.simulation.ability import Ability, Decision
from readerstudy.simulation.answer_key import KeyEntry
from readerstudy.simulation.browser import Browser, Reply


class SiteRefused(Exception):
    """The site did not do what a reader may expect of it."""


@dataclass(slots=True)
class Report:
    """What a reader did until it had to stop. `ended` is "end", "washout" or "closed"."""

    outcomes: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    opens_at: str = ""


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """Reads at `speed` times a person's pace. The times it reports are those it really took."""

    slug: str
    browser: Browser
    ability: Ability
    key: Mapping[str, KeyEntry]
    speed: float = 1.0
    sleep: Callable[[float], None] = time.sleep

    def read(self, sign_in_path: str) -> Report:
        """Everything that is open to this reader now. Raises SiteRefused."""
        self._form(sign_in_path, {})
        report = Report()
        while True:
            step = self._api("next", {}).json()
            match step["kind"]:
                case "case":
                    report.outcomes[self._trial(step)] += 1
                case "consent":
                    self._form(self._page("consent"), {"agree": "on"})
                case "profile":
                    self._form(self._page("profile"), {"experience_years": str(self.ability.years), "dermoscopy": ""})
                case "practice":
                    self._form(self._page("practice"), {"act": "start"})
                case "practice_done":
                    self._form(self._page("practice"), {"act": "finish"})
                case kind:
                    report.ended, report.opens_at = kind, step.get("opens_at", "")
                    return report

    def _trial(self, step: Mapping[str, Any]) -> str:
        """One case, in the order of the real page: fetch, start, shown, decide, submit. Returns its outcome."""
        trial, lease = f"trial/{step['trial']}", {"lease": step["lease"]}
        for picture in (step["image"], (step["aid"] or {}).get("mask")):
            if picture:
                self._require(self.browser.get(picture["url"]), 200)
        self._api(f"{trial}/start", lease)
        began = time.monotonic()
        self._api(f"{trial}/shown", {**lease, "onset_method": "simulated"}, expected=204)
        decision = self._decide(step)
        in_time = decision.seconds * 1000 < step["limit_ms"]
        self.sleep(min(decision.seconds, step["limit_ms"] / 1000) / self.speed)
        answer = {
            **lease,
            "key": str(uuid4()),
            "outcome": "answered" if in_time else "timed_out",
            "choice": decision.choice,
            "confidence": decision.confidence if step["confidence"] else None,
            "rt_ms": round((time.monotonic() - began) * 1000),
            "measures": {"input_type": "simulated"},
        }
        outcome = self._api(f"{trial}/submit", answer).json()["outcome"]
        return "practice" if step["practice"] else outcome

    def _decide(self, step: Mapping[str, Any]) -> Decision:
        options = [option["value"] for option in step["options"]]
        entry = self.key.get(step["trial"], KeyEntry(case=step["trial"], round_number=0, truth=options[0]))
        ai = step["aid"]["ranked"][0]["label"] if step["aid"] else None
        return self.ability.decide(
            case=entry.case, round_number=entry.round_number, truth=entry.truth, options=options, ai=ai
        )

    def _page(self, name: str) -> str:
        return f"/read/{self.slug}/{name}/"

    def _api(self, path: str, values: Mapping[str, Any], *, expected: int = 200) -> Reply:
        return self._require(self.browser.post_json(f"/read/{self.slug}/api/{path}", values), expected)

    def _form(self, path: str, fields: Mapping[str, str]) -> Reply:
        return self._require(self.browser.post_form(path, fields), 302)

    def _require(self, reply: Reply, status: int) -> Reply:
        if reply.status != status:
            raise SiteRefused(f"The site answered {reply.status} in place of {status}: {reply.body[:300].decode()}")
        return reply
