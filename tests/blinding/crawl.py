"""A reader who looks at every byte that the site sends: pages, JSON, headers, cookies, images, calendar files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.test import Client

from readerstudy.models import Reader, Reading


@dataclass
class Heard:
    """One response, whole."""

    url: str
    status: int
    headers: str
    body: bytes

    def holds(self, token: str) -> bool:
        return token.lower().encode() in self.body.lower() or token.lower() in self.headers.lower()


@dataclass
class Crawl:
    """Walks the reader's pages and reads cases, keeping everything that came back."""

    reader: Reader
    heard: list[Heard] = field(default_factory=list)
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.force_login(self.reader.person)
        self.slug = self.reader.study.slug

    def get(self, path: str) -> Heard:
        return self._keep(path, self.client.get(path))

    def post(self, path: str, body: dict | None = None) -> dict:
        url = f"/read/{self.slug}/api/{path}"
        response = self.client.post(url, json.dumps(body or {}, default=str), content_type="application/json")
        self._keep(url, response)
        return json.loads(response.content) if response.content else {}

    def pages(self) -> None:
        """Every page that this reader can ask for now."""
        self.get("/read/")
        for page in (
            "",
            "consent/",
            "profile/",
            "practice/",
            "washout/",
            "washout/next-round.ics",
            "end/",
            "batch/",
            "debriefing/",
            "leave/",
        ):
            self.get(f"/read/{self.slug}/{page}")

    def read(self, count: int) -> list[dict]:
        """Read `count` cases like a person; returns the replies of `next`."""
        cases = []
        for _ in range(count):
            case = self.post("next")
            assert case["kind"] == "case", case
            cases.append(case)
            address = case["images"][0]["url"]
            for part in ("image", "mask", "similar"):
                self.get(address.replace("/image/", f"/{part}/"))
            self.post(f"trial/{case['trial']}/start", {"lease": case["lease"]})
            self.post(f"trial/{case['trial']}/shown", {"lease": case["lease"]})
            values = {"diagnosis": case["questions"][0]["options"][0]["value"], "confidence": 0.5}
            answer = {"lease": case["lease"], "key": uuid4(), "outcome": "answered", "values": values, "rt_ms": 900}
            self.post(f"trial/{case['trial']}/submit", answer)
        return cases

    def leaks(self, tokens: Iterable[str]) -> list[str]:
        """Where a token was heard."""
        return [f"{token} in {one.url}" for token in tokens for one in self.heard if one.holds(token)]

    def _keep(self, url: str, response) -> Heard:
        body = b"".join(response.streaming_content) if response.streaming else response.content
        cookies = " ".join(morsel.OutputString() for morsel in response.cookies.values())
        heard = Heard(url, response.status_code, f"{dict(response.headers)} {cookies}", body)
        self.heard.append(heard)
        return heard


def move_back(reader: Reader, days: float) -> None:
    """As if this reader had read everything so far `days` earlier."""
    for reading in Reading.objects.filter(reader=reader, closed_at__isnull=False):
        reading.closed_at -= timedelta(days=days)
        reading.save(update_fields=["closed_at"])
