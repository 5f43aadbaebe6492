"""Child processes of the benchmarks: bounded in time, measured, and always stopped."""
from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parent.parent
CACHE = PROJECT / ".cache" / "bench"
# Bytecode of its own, so that both sides import compiled libraries, as any second start does.
QUIET = {
    "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode"),
    "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOG_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore", "SANIC_HOST": "127.0.0.1", "NO_COLOR": "1",
}  # fmt: skip
GRACE_SECONDS, COMPILE_LIMIT = 10, 900.0


class ChildFailed(Exception):
    """A child process ended badly or took too long; the message carries the end of what it printed."""


@dataclass(frozen=True)
class Cost:
    """What a finished process cost.

    Args:
        seconds: by the clock.  cpu_seconds: of all cores, less noisy on a busy machine.
        megabytes: peak resident memory.
    """

    seconds: float
    cpu_seconds: float
    megabytes: float


def compile_libraries() -> None:
    """Compile the libraries once, so that no measured process has to.

    Raises:
        ChildFailed: it took too long.
    """
    packages = sysconfig.get_paths()["purelib"]
    changed = str(max(path.stat().st_mtime_ns for path in Path(packages).glob("*.dist-info")))
    stamp = CACHE / "bytecode.stamp"
    if stamp.exists() and stamp.read_text() == changed:
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "compileall", "-qq", "-j", "0", packages]
    with contextlib.suppress(ChildFailed):  # some libraries carry files for other Pythons
        run_measured(command, PROJECT, CACHE / "bytecode.log", COMPILE_LIMIT)
    stamp.write_text(changed)


def stop_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into an exception, so that context managers stop the children."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda signum, _: sys.exit(128 + signum))


def run_measured(
    command: Sequence[str], cwd: Path, log: Path, limit: float, env: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end.

    Raises:
        ChildFailed: it failed, or took more than `limit` seconds.
    """
    with log.open("wb") as output:
        start = time.perf_counter()
        process = _start(command, cwd, output, env)
        late = threading.Event()
        timer = threading.Timer(limit, _end_late, [process.pid, late])
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)  # the usage of this child alone
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            _stop(process)
            raise
        finally:
            timer.cancel()
            _signal_group(process.pid, signal.SIGKILL)  # whatever it left behind
    if process.returncode:
        reason = f"took over {limit:.0f} s" if late.is_set() else f"failed with {process.returncode}"
        raise ChildFailed(f"{' '.join(command[:4])} … {reason}:\n{_tail(log)}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@dataclass(frozen=True)
class Server:
    """A running server. Args: port: where it listens on loopback.  start_seconds: until it did."""

    process: subprocess.Popen[bytes]
    port: int
    start_seconds: float

    def peak_megabytes(self) -> float:
        """Peak resident memory of its process group."""
        return sum(_peak_kilobytes(pid) for pid in _list_group(self.process.pid)) / 1024


@contextlib.contextmanager
def serving(
    command: Sequence[str], cwd: Path, log: Path, port: int, limit: float,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server until the block is left, however it is left.

    Raises:
        ChildFailed: it ended, or did not listen within `limit` seconds.
    """
    with log.open("wb") as output:
        start = time.perf_counter()
        process = _start(command, cwd, output, env)
        try:
            _wait_for_port(process, port, limit, log)
            yield Server(process, port, time.perf_counter() - start)
        finally:
            _stop(process)


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(
    command: Sequence[str], cwd: Path, output: IO[bytes], env: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **QUIET, **(env or {})}, stdin=subprocess.DEVNULL,
        stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def _wait_for_port(process: subprocess.Popen[bytes], port: int, limit: float, log: Path) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ChildFailed(f"a server ended with {process.returncode}:\n{_tail(log)}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise ChildFailed(f"a server did not listen within {limit:.0f} s:\n{_tail(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired, ChildProcessError):
        process.wait(GRACE_SECONDS)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _list_group(group: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if os.getpgid(int(folder.name)) == group:
                found.append(int(folder.name))
    return found


def _peak_kilobytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def own_peak_megabytes() -> float:
    """Peak resident memory of this process."""
    return _peak_kilobytes(os.getpid()) / 1024


def _end_late(group: int, late: threading.Event) -> None:
    late.set()
    _signal_group(group, signal.SIGKILL)


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
