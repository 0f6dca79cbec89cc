"""Hosts with addresses of their own: network namespaces on one machine, MPI between them over TCP."""

from __future__ import annotations

import os
import subprocess
import sys
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
        for words in (*(["netns", "del", f"{BRIDGE}-{i}"] for i in HOSTS), ["link", "del", BRIDGE]):
            subprocess.run(["ip", *words], capture_output=True, check=False)


@needs_mpi
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_three_hosts_come_to_the_bits_of_one_process(tmp_path: Path) -> None:
    alone = start(1, "train", folder=tmp_path)
    (tmp_path / "launch").write_text(LAUNCH)
    (tmp_path / "launch").chmod(0o755)
    (tmp_path / "program.py").write_text(PROGRAM)
    addresses = ",".join(f"{NET}.{i}" for i in HOSTS)
    bin = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MPIR_CVAR_NOLOCAL": "1",  # processes of one machine would use its memory, not the network
    }
    words = [
        "mpiexec",
        "-launcher",
        "rsh",
        "-launcher-exec",
        str(tmp_path / "launch"),
        "-localhost",
        f"{NET}.1",
    ]
    words += ["-iface", BRIDGE, "-hosts", addresses, "-n", "3", sys.executable, "program.py", "train"]
    with hosts():
        done = subprocess.run(
            words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
        )
    results = [line.split(" | ")[0] for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert done.returncode == 0, done
    assert results == alone.results * 3
