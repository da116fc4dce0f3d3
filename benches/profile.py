#!/usr/bin/env python3
"""Speed and memory of `karat profile` beside its peers: same machine, same run, same file.

    python3 benches/profile.py                   builds karat, installs the peers into a cache, prints the tables
    python3 benches/profile.py --karat PATH      takes a karat that is built already
    python3 benches/profile.py --scale 0.1 --runs 1 --only karat,duckdb

The file is TPC-H's `lineitem` (tpchgen-cli, PyPI): 6,001,215 rows × 16 columns, 766 MB of CSV at scale 1; ydata-profiling
gets its first million rows. Peers: xan (crates.io) with `stats -a`, DuckDB's SUMMARIZE, Polars' describe. Those that cannot
be had are left out, and named.

Each run is a process of its own, by turns. CPU seconds (user and system) and the highest peak of resident memory count:
other load on the machine changes wall time. Medians of the runs are printed.

What they compute differs: Polars has no distinct counts, DuckDB no lengths, patterns or top values; only karat counts masks,
duplicated rows, date gaps, correlations and outliers, and places of what is odd.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
MILLION = 1_000_000

DUCKDB = """
import duckdb, sys
connection = duckdb.connect()
connection.execute(f"SET threads = {sys.argv[2]}")
print(connection.execute(f"SUMMARIZE SELECT * FROM read_csv('{sys.argv[1]}')").fetchall())
"""

POLARS = """
import polars, sys
print(polars.scan_csv(sys.argv[1], try_parse_dates=True).describe())
"""

YDATA = """
import sys
import pandas
from ydata_profiling import ProfileReport
ProfileReport(pandas.read_csv(sys.argv[1]), minimal=sys.argv[3] == "minimal", progress_bar=False).to_file(sys.argv[2])
"""


def tell(text):
    print(text, file=sys.stderr, flush=True)


def tried(command, **options):
    """Runs a command that may fail; tells whether it did not."""
    tell("  $ " + " ".join(map(str, command)))
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        tell(f"  {error}")
        return False
    if done.returncode != 0:
        tell("  " + (done.stderr.decode(errors="replace").strip().splitlines() or ["it failed"])[-1])
    return done.returncode == 0


class Peers:
    """What could be installed."""

    def __init__(self, cache, wanted):
        self.cache = cache
        cache.mkdir(parents=True, exist_ok=True)
        self.python = cache / "venv" / "bin" / "python"
        if not self.python.exists():
            tried([sys.executable, "-m", "venv", cache / "venv"])
        self.missing = []
        packages = {"tpchgen": "tpchgen-cli", "duckdb": "duckdb", "polars": "polars"}
        for name, package in packages.items():
            if name == "tpchgen" or name in wanted:
                self.need(name, [self.python, "-m", "pip", "install", "-q", package])
        if "ydata" in wanted:
            # It has needs of its own.
            self.ydata = cache / "venv-ydata" / "bin" / "python"
            if not self.ydata.exists():
                tried([sys.executable, "-m", "venv", cache / "venv-ydata"])
            self.need("ydata", [self.ydata, "-m", "pip", "install", "-q", "ydata-profiling", "setuptools<81"])
        if "xan" in wanted:
            self.xan = shutil.which("xan") or cache / "bin" / "xan"
            there = pathlib.Path(self.xan).exists()
            if not there and not tried(["cargo", "install", "--locked", "--root", cache, "xan"], timeout=3600):
                self.missing.append("xan")

    def need(self, name, command):
        if not tried(command):
            self.missing.append(name)


def run(command):
    """Runs a process; gives CPU seconds, wall seconds and peak MiB, or nothing where it failed."""
    started = time.monotonic()
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(list(map(str, command)), stdout=nowhere, stderr=subprocess.PIPE)
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tell(f"  failed: {' '.join(map(str, command))}\n  {error.decode(errors='replace').strip()[-300:]}")
        return None
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024


def make(peers, scale):
    """Makes the file, and one of its first million rows."""
    folder = peers.cache / f"lineitem-{scale}"
    whole, part = folder / "lineitem.csv", folder / "million.csv"
    if not whole.exists():
        tool = peers.python.parent / "tpchgen-cli"
        subprocess.run(
            [tool, "csv", "-s", str(scale), "--tables", "lineitem", "--output-dir", folder], check=True
        )
    if not part.exists():
        with open(whole, "rb") as source, open(part, "wb") as target:
            for number, line in enumerate(source):
                if number > MILLION:
                    break
                target.write(line)
    return whole, part


def works(karat, peers, whole, part, wanted):
    """Names each work: a title, its tools, and their commands."""
    report = peers.cache / "report.html"
    saved = peers.cache / "profile.json"
    on_whole = {
        "karat": {
            "karat profile, 1 thread": [karat, "profile", whole, "--threads", "1", "-o", saved, "--quiet"],
            "karat profile, 2 threads": [karat, "profile", whole, "--threads", "2", "-o", saved, "--quiet"],
        },
        "xan": {"xan stats -a": [getattr(peers, "xan", "xan"), "stats", "-a", whole]},
        "duckdb": {"DuckDB SUMMARIZE, 2 threads": [peers.python, "-c", DUCKDB, whole, "2"]},
        "polars": {"Polars describe": [peers.python, "-c", POLARS, whole]},
    }
    on_part = {
        "karat": {"karat profile, 1 thread": [karat, "profile", part, "--threads", "1", "-o", saved, "--quiet"]},
        "ydata": {
            "ydata-profiling, minimal": [getattr(peers, "ydata", ""), "-c", YDATA, part, report, "minimal"],
            "ydata-profiling": [getattr(peers, "ydata", ""), "-c", YDATA, part, report, "full"],
        },
    }
    for title, tools in [(f"{whole.stat().st_size / 1e6:.0f} MB CSV", on_whole), ("its first million rows", on_part)]:
        commands = {}
        for name, own in tools.items():
            if name in wanted and name not in peers.missing:
                commands.update(own)
        if len(tools) == len(on_whole) or "ydata" in wanted:
            yield title, commands


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--karat", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "bench-profile")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="karat,xan,duckdb,polars,ydata")
    options = parser.parse_args()
    wanted = options.only.split(",")
    karat = options.karat
    if karat is None:
        subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
        karat = ROOT / "target" / "release" / "karat"
    peers = Peers(options.cache, wanted)
    whole, part = make(peers, options.scale)
    for title, commands in works(karat, peers, whole, part, wanted):
        taken = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                found = run(command)
                if found:
                    taken[name].append(found)
        print(f"\n{title}\n\n| tool | CPU s | wall s | peak MiB |\n|---|---:|---:|---:|")
        for name, runs in taken.items():
            if runs:
                cpu, wall = (statistics.median(run[at] for run in runs) for at in (0, 1))
                print(f"| {name} | {cpu:.1f} | {wall:.1f} | {max(run[2] for run in runs):.0f} |")
            else:
                print(f"| {name} | failed | | |")
    if peers.missing:
        print(f"\nNot to be had here: {', '.join(peers.missing)}")


if __name__ == "__main__":
    main()
