"""Hosts with addresses of their own: network namespaces on one machine, MPI between them over TCP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from processes import PROGRAM, needs_mpi, start

BRIDGE, NET = "hdl-test", "10.77.231"  # names and addresses that nothing else on the machine has
HOSTS = (2, 3, 4)  # last numbers of the addresses
LAUNCH = """#!/bin/sh
host=$1; shift
case $1 in -*) shift;; esac
exec ip netns exec hdl-test-${host##*.} sh -c "$*"
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def hosts() -> Iterator[None]:
    """Make the namespaces and a bridge between them; skip the test where that is not allowed."""
    try:
        try:
            ip("link", "add", BRIDGE, "type", "bridge")
            ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
            ip("link", "set", BRIDGE, "up")
            for i in HOSTS:
                name, outer, inner = f"{BRIDGE}-{i}", f"hdl-o{i}", f"hdl-i{i}"
                ip("netns", "add", name)
                ip("link", "add", outer, "type", "veth", "peer", "name", inner)
                ip("link", "set", outer, "master", BRIDGE, "up")
                ip("link", "set", inner, "netns", name)
                ip("-n", name, "addr", "add", f"{NET}.{i}/24", "dev", inner)
                ip("-n", name, "link", "set", inner, "up")
                ip("-n", name, "link", "set", "lo", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"network namespaces cannot be made here ({error})")
        yield
    finally:
        links = [*(f"hdl-o{i}" for i in HOSTS), BRIDGE]
        for words in (
            *(["netns", "del", f"{BRIDGE}-{i}"] for i in HOSTS),
            *(["link", "del", name] for name in links),
        ):
            subprocess.run(["ip", *words], capture_output=True, check=False)


def on_hosts(folder: Path, *args: str) -> subprocess.Popen[str]:
    """Start the program of processes.py on all hosts."""
    (folder / "launch").write_text(LAUNCH)
    (folder / "launch").chmod(0o755)
    (folder / "program.py").write_text(PROGRAM)
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "UCX_TLS": "tcp,self",  # MPICH would find out that all is one machine, and use its memory
        "MPIR_CVAR_NOLOCAL": "1",  # the same
    }
    addresses = ",".join(f"{NET}.{i}" for i in HOSTS)
    words = ["mpiexec", "-launcher", "rsh", "-launcher-exec", str(folder / "launch"), "-iface", BRIDGE]
    words += ["-localhost", f"{NET}.1", "-hosts", addresses, "-n", str(len(HOSTS))]
    return subprocess.Popen(
        [*words, sys.executable, "program.py", *args],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def results(text: str) -> list[str]:
    return [line.split(" | ")[0] for line in text.splitlines() if line.startswith("RESULT")]


@needs_mpi
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_three_hosts_come_to_the_bits_of_one_process(tmp_path: Path) -> None:
    alone = start(1, "train", folder=tmp_path)
    with hosts():
        process = on_hosts(tmp_path, "train")
        text, _ = process.communicate(timeout=120)
    assert process.returncode == 0, text
    assert results(text) == alone.results * len(HOSTS)


@needs_mpi
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_a_host_that_is_cut_off_ends_the_others_in_words(tmp_path: Path) -> None:
    with hosts():
        process = on_hosts(tmp_path, "cut off", "state")
        try:
            until = time.monotonic() + 60
            while not (tmp_path / "is_under_way").exists() and time.monotonic() < until:
                time.sleep(0.05)
            ip("link", "set", f"hdl-o{HOSTS[-1]}", "down")
            text, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode != 0
    assert "waited 3 s for the others in vain; is a machine cut off?" in text
    assert not results(text)
    resumed = start(2, "train", "state", folder=tmp_path)
    assert resumed.results == start(1, "train", folder=tmp_path).results * 2
