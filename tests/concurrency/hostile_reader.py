"""A reader who tries what a reader should not: duplicates, two tabs, late and forged answers, replays."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from readerstudy.simulation.browser import Browser, Reply

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clock:
    """The study's times in seconds."""

    limit: float
    cap: float
    grace: float


@dataclass(frozen=True, slots=True)
class Told:
    """What the site said of one reading, and the one choice that may count."""

    behaviour: str
    outcome: str
    choice: str | None


@dataclass(slots=True)
class HostileReader:
    """Reads every case with the next behaviour of its list, beginning at its own number."""

    site: str
    slug: str
    clock: Clock
    number: int
    told: dict[UUID, Told] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)

    def read_all(self, sign_in_path: str) -> "HostileReader":
        browser = Browser(self.site)
        browser.post_form(sign_in_path, {})
        turn = self.number
        while True:
            step = self.post(browser, "next", {}).json()
            if step.get("kind") != "case":
                self.expect(step.get("kind") == "end", f"ended with {step}")
                return self
            behaviour = BEHAVIOURS[turn % len(BEHAVIOURS)]
            outcome, choice = behaviour(self, browser, step)
            self.told[UUID(step["trial"])] = Told(behaviour.__name__, outcome, choice)
            turn += 1

    def post(self, browser: Browser, path: str, values: Mapping[str, Any]) -> Reply:
        return browser.post_json(f"/read/{self.slug}/api/{path}", values)

    def start(self, browser: Browser, step: Step, *, shown: bool = True) -> float:
        """Start the clock; when it was started, by this machine's steady clock."""
        lease = {"lease": step["lease"]}
        reply = self.post(browser, f"trial/{step['trial']}/start", lease)
        started = time.monotonic()
        self.expect(reply.status == 200, f"start: {reply}")
        if shown:
            self.post(browser, f"trial/{step['trial']}/shown", lease)
        return started

    def submit(self, browser: Browser, step: Step, body: Mapping[str, Any]) -> Reply:
        return self.post(browser, f"trial/{step['trial']}/submit", body)

    def expect(self, held: bool, what: str) -> None:
        if not held:
            self.surprises.append(f"reader {self.number}: {what}")


def body(step: Step, *, choice: int = 0, rt_ms: int = 200, **changes: Any) -> dict[str, Any]:
    answer = {"lease": step["lease"], "key": str(uuid4()), "outcome": "answered", "rt_ms": rt_ms}
    return {**answer, "values": chosen(step, choice), **changes}


def chosen(step: Step, choice: int) -> dict[str, Any]:
    """The study's two questions, answered."""
    return {"diagnosis": step["questions"][0]["options"][choice]["value"], "confidence": 0.5}


def honest(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, str]:
    reader.start(browser, step)
    answer = body(step)
    return reader.submit(browser, step, answer).json()["outcome"], answer["values"]["diagnosis"]


def five_duplicates_at_once(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, str]:
    reader.start(browser, step)
    answer = body(step)
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda tab: reader.submit(tab, step, answer), [browser.tab() for _ in range(5)]))
    reader.expect([r.status for r in replies] == [200] * 5, f"duplicates: {[r.status for r in replies]}")
    reader.expect(len({r.body for r in replies}) == 1, f"duplicates differ: {[r.body for r in replies]}")
    return replies[0].json()["outcome"], answer["values"]["diagnosis"]


def two_tabs_answer_at_once(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, str]:
    reader.start(browser, step)
    newer = browser.tab()
    newest = reader.post(newer, "next", {}).json()
    reader.expect(newest.get("trial") == step["trial"], f"the second tab got {newest}")
    old, new = body(step, choice=1), body(newest, choice=0)
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(reader.submit, browser, step, old), pool.submit(reader.submit, newer, newest, new)]
    refused, accepted = (one.result() for one in tries)
    reader.expect(refused.status == 409, f"the older tab got {refused.status}")
    return accepted.json().get("outcome", "?"), new["values"]["diagnosis"]


def late(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, None]:
    started = reader.start(browser, step)
    _wait_until(started + reader.clock.cap + reader.clock.limit + reader.clock.grace + 0.2)
    rt_ms = round((time.monotonic() - started) * 1000)
    return reader.submit(browser, step, body(step, rt_ms=rt_ms)).json()["outcome"], None


def late_with_a_forged_time(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, None]:
    started = reader.start(browser, step)
    _wait_until(started + reader.clock.cap + reader.clock.limit + reader.clock.grace + 0.2)
    return reader.submit(browser, step, body(step, rt_ms=100)).json()["outcome"], None


def never_shown(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, str]:
    """The withheld event gains the cap and no more: this answer comes within it."""
    started = reader.start(browser, step, shown=False)
    _wait_until(started + reader.clock.limit)
    answer = body(step, rt_ms=round(reader.clock.limit * 1000))
    return reader.submit(browser, step, answer).json()["outcome"], answer["values"]["diagnosis"]


def abandoned(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, None]:
    """With under a second left, the next visit closes the case in place of a flash of the image."""
    started = reader.start(browser, step)
    _wait_until(started + reader.clock.limit - 0.5)
    return "timeout", None


def replayed(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, str]:
    reader.start(browser, step)
    answer = body(step, choice=0)
    first = reader.submit(browser, step, answer)
    other_key = reader.submit(browser, step, body(step, choice=1))
    same_key = reader.submit(browser, step, {**answer, "values": chosen(step, 1)})
    reader.expect(other_key.status == 409, f"a replay under another key got {other_key.status}")
    reader.expect(same_key.body == first.body, f"the same key got {same_key.body!r}")
    return first.json()["outcome"], answer["values"]["diagnosis"]


def before_the_start(reader: HostileReader, browser: Browser, step: Step) -> tuple[str, str]:
    early = reader.submit(browser, step, body(step, choice=1))
    reader.expect(early.status == 422, f"an answer before the start got {early.status}")
    return honest(reader, browser, step)


BEHAVIOURS: list[Callable[[HostileReader, Browser, Step], tuple[str, str | None]]] = [
    honest,
    five_duplicates_at_once,
    two_tabs_answer_at_once,
    late,
    late_with_a_forged_time,
    never_shown,
    abandoned,
    replayed,
    before_the_start,
]
LATE = {one.__name__ for one in (late, late_with_a_forged_time)}
IN_VAIN = LATE | {abandoned.__name__}


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
