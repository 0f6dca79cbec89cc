"""Measures what a slow link costs a training on two hosts, and holds a model against it. Linux, as root.

    python benchmarks/links.py --rounds 3

The hosts are network namespaces on this machine, with MPI between them over TCP; tc's token bucket filter
limits the bandwidth of each. The model: a step takes as long as without a limit, and besides
2 (p - 1) / p * bytes / bandwidth, for p processes and the bytes of one set of parameters. With --predict it
tells for which bandwidths more hosts pay, up to 64.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import BATCH

PARAMETERS = 137_178  # of the letters network
BRIDGE, NET, HOSTS = "hdl-link", "10.77.232", (2, 3)
RATES = (None, 1000, 300, 100, 30)  # Mbit/s; None: as fast as the machine is
LAUNCH = """#!/bin/sh
host=$1; shift
case $1 in -*) shift;; esac
exec ip netns exec hdl-link-${host##*.} sh -c "$*"
"""


def ip(words: str) -> None:
    """Run `ip` with these words."""
    subprocess.run(["ip", *words.split()], check=True)


@contextmanager
def hosts(rate: int | None) -> Iterator[None]:
    """Make the hosts, each of which sends at most `rate` Mbit/s."""
    try:
        ip(f"link add {BRIDGE} type bridge")
        ip(f"addr add {NET}.1/24 dev {BRIDGE}")
        ip(f"link set {BRIDGE} up")
        for i in HOSTS:
            name = f"{BRIDGE}-{i}"
            ip(f"netns add {name}")
            ip(f"link add hdl-lo{i} type veth peer name hdl-li{i}")
            ip(f"link set hdl-lo{i} master {BRIDGE} up")
            ip(f"link set hdl-li{i} netns {name}")
            ip(f"-n {name} addr add {NET}.{i}/24 dev hdl-li{i}")
            ip(f"-n {name} link set hdl-li{i} up")
            ip(f"-n {name} link set lo up")
            if rate is not None:
                limit = f"root tbf rate {rate}mbit burst 64kb latency 400ms"
                ip(f"netns exec {name} tc qdisc add dev hdl-li{i} {limit}")
        yield
    finally:
        for words in [
            *(["netns", "del", f"{BRIDGE}-{i}"] for i in HOSTS),
            *(["link", "del", f"hdl-lo{i}"] for i in HOSTS),
            ["link", "del", BRIDGE],
        ]:
            subprocess.run(["ip", *words], check=False, capture_output=True)


def seconds_of_a_step(rate: int | None) -> float:
    """Train on the two hosts, and return how long a step takes."""
    env = {**os.environ, "UCX_TLS": "tcp,self", "MPIR_CVAR_NOLOCAL": "1"}
    with tempfile.TemporaryDirectory() as folder, hosts(rate):
        script = Path(folder) / "launch"
        script.write_text(LAUNCH)
        script.chmod(0o755)
        words = [
            str(Path(sys.executable).parent / "mpiexec"),
            "-launcher",
            "rsh",
            "-launcher-exec",
            str(script),
        ]
        words += ["-localhost", f"{NET}.1", "-iface", BRIDGE, "-hosts", ",".join(f"{NET}.{i}" for i in HOSTS)]
        worker = [
            sys.executable,
            str(Path(__file__).with_name("distributed.py")),
            "--worker",
            "--shards",
            "8",
        ]
        done = subprocess.run(
            [*words, "-n", "2", *worker], capture_output=True, text=True, check=True, env=env, timeout=300
        )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    return BATCH / float(line.split()[1])


def transfer(processes: int, rate: float, parameters: int = PARAMETERS) -> float:
    """Return the seconds of a step in which a link of `rate` Mbit/s is busy."""
    return 2 * (processes - 1) / processes * 32 * parameters / (rate * 1e6)


def measure(rounds: int) -> None:
    """Print the time of a step for each bandwidth, and what the model says."""
    found: dict[int | None, list[float]] = {rate: [] for rate in RATES}
    for _ in range(rounds):
        for rate in RATES:
            found[rate].append(seconds_of_a_step(rate))
    free = statistics.median(found[None])
    print(f"no limit: {1000 * free:.1f} ms a step (median of {rounds})")
    for rate in RATES[1:]:
        assert rate is not None
        step, model = statistics.median(found[rate]), free + transfer(2, rate)
        print(f"{rate:5} Mbit/s: {1000 * step:6.1f} ms a step; the model says {1000 * model:6.1f} ms")


def predict(seconds: float, parameters: int) -> None:
    """Print how many times faster 2 to 64 hosts are than one, whose step takes so many seconds."""
    print(f"speed-up of a step of {1000 * seconds:g} ms, {parameters:,} parameters")
    print("  Mbit/s " + "".join(f"{hosts:>7}" for hosts in (2, 4, 8, 16, 32, 64)))
    for rate in (10, 100, 1000, 10_000, 100_000):
        times = [seconds / p + transfer(p, rate, parameters) for p in (2, 4, 8, 16, 32, 64)]
        print(f"{rate:8} " + "".join(f"{seconds / t:7.1f}" for t in times))


def main() -> None:
    """Read the command line, and measure or predict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--predict", action="store_true", help="tell what the model says instead")
    parser.add_argument("--seconds", type=float, default=0.1, help="of a step on one host")
    parser.add_argument("--parameters", type=int, default=PARAMETERS)
    args = parser.parse_args()
    if args.predict:
        predict(args.seconds, args.parameters)
    else:
        measure(args.rounds)


if __name__ == "__main__":
    main()
