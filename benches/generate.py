#!/usr/bin/env python3
"""Speed of `karat generate` beside its peers: same machine, same run, same sort of work.

    python3 benches/generate.py                  builds karat, installs the peers into a cache, prints the table
    python3 benches/generate.py --karat PATH     takes a karat that is built already
    python3 benches/generate.py --only customers --runs 9

Peers: tpchgen-cli, Faker and Mimesis from PyPI; dbgen (kennytm) and fakelake from crates.io, where they build. Those
that cannot be had are left out, and named.

Each run is a process of its own; time is its CPU time (user and system), so that other load on the machine counts
little. Text goes to /dev/null where the tool can write to standard output, else to a folder in memory. Medians of the
runs are printed; MB are 10^6 bytes.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent

FAKER = """
import csv, sys
from faker import Faker
Faker.seed(42)
fake = Faker()
out = csv.writer(sys.stdout)
for i in range(int(sys.argv[1])):
    out.writerow([i + 1, fake.name(), fake.email(), fake.phone_number(), fake.street_address(), fake.city(),
                  fake.date_time_between("-10y").strftime("%Y-%m-%d %H:%M:%S"), fake.random_int(0, 1000)])
"""

MIMESIS = """
import csv, sys
from mimesis import Address, Datetime, Generic, Locale
g = Generic(locale=Locale.EN, seed=42)
out = csv.writer(sys.stdout)
for i in range(int(sys.argv[1])):
    out.writerow([i + 1, g.person.full_name(), g.person.email(), g.person.phone_number(), g.address.address(),
                  g.address.city(), g.datetime.datetime(start=2015, end=2025).strftime("%Y-%m-%d %H:%M:%S"),
                  g.random.randint(0, 1000)])
"""

NESTED = """
import json, random, sys, datetime
rng = random.Random(42)
start = datetime.datetime(2025, 1, 1)
for i in range(int(sys.argv[1])):
    basket = [{"product_id": "P%06d" % rng.randrange(1, 100001), "price": rng.randrange(1, 2001)}
              for _ in range(rng.randrange(1, 4))]
    when = start + datetime.timedelta(microseconds=rng.randrange(365 * 86400 * 10**6))
    print(json.dumps({"customer_id": "C%d" % rng.randrange(1, 1000001), "basket": basket,
                      "date_of_purchase": when.strftime("%Y-%m-%d %H:%M:%S.%f")}))
"""

DBGEN = """CREATE TABLE customers (
  id INTEGER NOT NULL,
    /*{{ rownum }}*/
  name TEXT NOT NULL,
    /*{{ rand.regex('[A-Z][a-z]{3,7} [A-Z][a-z]{4,9}') }}*/
  email TEXT NOT NULL,
    /*{{ rand.regex('[a-z]{5,9}[0-9]{2}@example[.]com') }}*/
  phone TEXT NOT NULL,
    /*{{ rand.regex('[+]1-[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}') }}*/
  street TEXT NOT NULL,
    /*{{ rand.regex('[1-9][0-9]{0,3} [A-Z][a-z]{4,8} (Street|Avenue|Road)') }}*/
  city TEXT NOT NULL,
    /*{{ rand.regex('[A-Z][a-z]{4,9}') }}*/
  created_at TIMESTAMP NOT NULL,
    /*{{ TIMESTAMP '2015-01-01 00:00:00' + INTERVAL rand.range(0, 300000000) SECOND }}*/
  score INTEGER NOT NULL
    /*{{ rand.range_inclusive(0, 1000) }}*/
);
"""

FAKELAKE = """columns:
  - {{name: id, provider: Increment.integer, start: 1}}
  - {{name: name, provider: Person.fname}}
  - {{name: email, provider: Person.email}}
  - {{name: phone, provider: Random.String.alphanumeric, length: 12}}
  - {{name: street, provider: Random.String.alphanumeric, length: 18}}
  - {{name: city, provider: Random.String.alphanumeric, length: 9}}
  - {{name: created_at, provider: Random.Date.datetime, format: "%Y-%m-%d %H:%M:%S", after: "2015-01-01 00:00:00", before: "2025-12-31 23:59:59"}}
  - {{name: score, provider: Random.Number.i32, min: 0, max: 1000}}
info: {{output_name: customers, output_format: csv, rows: {rows}, seed: 42}}
"""


def tell(text):
    print(text, file=sys.stderr, flush=True)


def tried(command, **options):
    """Runs a command that may fail; tells whether it did not."""
    tell("  $ " + " ".join(map(str, command)))
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    if done.returncode != 0:
        tell("  " + done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.returncode == 0


class Peers:
    """What could be installed."""

    def __init__(self, cache):
        self.cache = cache
        self.venv = cache / "venv"
        self.missing = []
        cache.mkdir(parents=True, exist_ok=True)
        self.python = self.venv / "bin" / "python"
        if not self.python.exists():
            tried([sys.executable, "-m", "venv", self.venv])
        for package, test in [("tpchgen-cli", None), ("faker", "faker"), ("mimesis", "mimesis")]:
            there = (self.venv / "bin" / package).exists() if test is None else self.imports(test)
            if not there and not tried([self.python, "-m", "pip", "install", "-q", package]):
                self.missing.append(package)
        for crate in ["dbgen", "fakelake"]:
            if not self.tool(crate).exists() and not tried(["cargo", "install", "--locked", "--root", cache, crate]):
                self.missing.append(crate)

    def imports(self, module):
        return subprocess.run([self.python, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0

    def tool(self, name):
        return self.cache / "bin" / name

    def has(self, name):
        return name not in self.missing


class Case:
    """One tool at one work. `command` writes to standard output, or into `folder`."""

    def __init__(self, work, tool, rows, command, folder=None, threads=1):
        self.work, self.tool, self.rows, self.command = work, tool, rows, [str(word) for word in command]
        self.folder, self.threads = folder, threads

    def run(self, stdout):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
        started = time.monotonic()
        process = subprocess.Popen(self.command, stdout=stdout, stderr=subprocess.PIPE, cwd=self.folder)
        errors = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(errors.decode(errors="replace").strip() or f"exit code {process.returncode}")
        return used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024

    def bytes(self):
        if self.folder:
            self.run(subprocess.DEVNULL)
            return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        with tempfile.TemporaryFile(dir=MEMORY) as out:
            self.run(out)
            return os.fstat(out.fileno()).st_size


MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


def customers(karat, peers, rows, scratch):
    work, contract = "customers CSV", HERE / "customers.yaml"
    make = [karat, "generate", "-c", contract, "--rows", f"customers={rows}", "--out", "-", "--threads"]
    yield Case(work, "karat", rows, [*make, 1])
    yield Case(work, "karat, 2 threads", rows, [*make, 2], threads=2)
    if peers.has("dbgen"):
        template = scratch / "customers.sql"
        template.write_text(DBGEN)
        folder = scratch / "dbgen"
        command = [peers.tool("dbgen"), "-i", template, "-o", ".", "-N", rows, "-R", 10000, "--format", "csv",
                   "--no-schemas", "-j", 1, "-q"]
        yield Case(work, "dbgen", rows, command, folder)
    if peers.has("fakelake"):
        config = scratch / "customers.fakelake.yaml"
        config.write_text(FAKELAKE.format(rows=rows))
        yield Case(work, "fakelake", rows, [peers.tool("fakelake"), "generate", config], scratch / "fakelake")
    few = max(rows // 200, 1000)
    if peers.has("mimesis"):
        yield Case(work, "Mimesis", few, [peers.python, "-c", MIMESIS, few])
    if peers.has("faker"):
        yield Case(work, "Faker", few, [peers.python, "-c", FAKER, few])


def transactions(karat, peers, rows, scratch):
    work, contract = "nested transactions NDJSON", HERE / "transactions.yaml"
    make = [karat, "generate", "-c", contract, "--tables", "transactions", "--rows", f"transactions={rows}", "--out",
            "-", "--threads"]
    yield Case(work, "karat", rows, [*make, 1])
    yield Case(work, "karat, 2 threads", rows, [*make, 2], threads=2)
    few = max(rows // 20, 1000)
    yield Case(work, "Python, random and json", few, [sys.executable, "-c", NESTED, few])


def tpch(karat, peers, rows, scratch):
    make = [karat, "generate", "tpch-supplier", "--tables", "supplier", "--rows", f"supplier={rows}", "--out", "-",
            "--threads"]
    for table, each in [("supplier", 10_000), ("customer", 150_000)]:
        work = f"TPC-H {table}"
        scale = max(rows // each, 1)
        if table == "supplier":
            yield Case(work, "karat", rows, [*make, 1])
        else:
            yield Case(work, "karat, supplier (as wide)", rows, [*make, 1])
            contract = HERE / "customers.yaml"
            wide = [karat, "generate", "-c", contract, "--rows", f"customers={rows}", "--out", "-", "--threads", 1]
            yield Case(work, "karat, customers.yaml (as wide)", rows, wide)
        if peers.has("tpchgen-cli"):
            command = [peers.venv / "bin" / "tpchgen-cli", "-s", scale, "-T", table, "--stdout", "-n", 1]
            yield Case(work, "tpchgen-cli", scale * each, command)


WORKS = {"customers": customers, "transactions": transactions, "tpch": tpch}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--karat", type=pathlib.Path, help="a karat that is built already")
    words.add_argument("--runs", type=int, default=5, help="runs a case; the median counts (5)")
    words.add_argument("--rows", type=float, default=1e7, help="rows a run of the fast tools (1e7)")
    words.add_argument("--only", choices=WORKS, help="one work only")
    words.add_argument("--no-peers", action="store_true", help="karat alone")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "karat-benches"
    words.add_argument("--cache", type=pathlib.Path, default=cache, help=f"where the peers are kept ({cache})")
    asked = words.parse_args()
    karat = asked.karat
    if karat is None:
        subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
        karat = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "karat"
    karat = karat.resolve()
    tell("Peers:")
    if asked.no_peers:
        peers = Peers.__new__(Peers)
        peers.missing = ["tpchgen-cli", "faker", "mimesis", "dbgen", "fakelake"]
    else:
        peers = Peers(asked.cache.resolve())
        if peers.missing:
            tell("  left out: " + ", ".join(peers.missing))
    print("| work | tool | rows/s a core | MB/s a core | ns a row | wall rows/s | peak MB | karat is faster by |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        for name, work in WORKS.items():
            if asked.only and asked.only != name:
                continue
            ours = {}
            for case in work(karat, peers, int(asked.rows), pathlib.Path(scratch)):
                show(case, asked.runs, ours)


def show(case, runs, ours):
    try:
        size = case.bytes()
        found = [case.run(subprocess.DEVNULL) for _ in range(runs)]
    except (OSError, RuntimeError) as error:
        tell(f"  {case.work}, {case.tool}: {error}")
        return
    cpu, wall, peak = (statistics.median(values) for values in zip(*found))
    rate = size / cpu / 1e6
    if case.tool.startswith("karat") and case.threads == 1:
        ours[case.work] = rate
        ratio = ""
    elif case.threads > 1:
        ratio = ""
    else:
        ratio = f"{ours.get(case.work, 0) / rate:.1f} × MB/s"
    print(f"| {case.work} | {case.tool} | {case.rows / cpu:,.0f} | {rate:,.0f} | {cpu / case.rows * 1e9:,.0f} "
          f"| {case.rows / wall:,.0f} | {peak / 1e6:,.0f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
