#!/usr/bin/env python3
"""Measures `karat check` and its peers side by side: `python3 benches/check.py --help`.

Makes the inputs, installs the peers, runs every tool as its own process on the same work, several runs by turns, and
compares what each found with the known truth. Standard library only; README.md beside this file says what is measured.
"""

import argparse
import array
import csv
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MIB = 1 << 20
CHECKERS = ["duckdb", "polars", "dataframely", "pandera", "pointblank", "qsv"]
ENGINES = ["duckdb", "polars"]


class Work:
    """One thing to do: an input, a contract, and who does it how."""

    def __init__(self, say, make, rows, contract, table, peers=(), modes=("check",), truth=None, keys=0, least_runs=1):
        self.say, self.make, self.rows = say, make, rows
        self.contract, self.table, self.truth = contract, table, truth or table
        self.peers, self.modes, self.keys, self.least_runs = peers, modes, keys, least_runs


WORKS = {
    "A": Work(
        "10 million orders, 1 % wrong", "orders", 10_000_000, "orders", "orders", CHECKERS, ("check", "load"), keys=1
    ),
    "A-regex": Work("A, no pattern a sequence of classes", "orders", 10_000_000, "orders-regex", "orders", keys=1),
    "A50": Work("A, 50 % wrong", "orders50", 10_000_000, "orders", "orders", keys=1),
    "B": Work(
        "A without unique", "orders", 10_000_000, "orders-no-unique", "orders", CHECKERS, truth="orders-no-unique"
    ),
    "C": Work("products, most of several lines", "products", 500_000, "products", "products", ENGINES),
    "D": Work("nested transactions, NDJSON", "transactions", 6_000_000, "transactions", "transactions", ENGINES),
    "E-int": Work("unique over 100 million numbers", "int-keys", 100_000_000, "int-keys", "keys", ENGINES, keys=1),
    "E-text": Work("unique over 100 million texts", "text-keys", 100_000_000, "text-keys", "keys", ENGINES, keys=1),
    "E-ref": Work(
        "50 million children, 10 million parents", "references", 50_000_000, "references", "children", ENGINES, keys=0.2
    ),
    "F": Work("a file of 4 KB", "tiny", 42, "orders", "orders", CHECKERS, least_runs=21),
}
FAMILIES = {"A": ["A", "A-regex", "A50"], "E": ["E-int", "E-text", "E-ref"]}
# With `--rows`, what the inputs of the full size shrink in proportion to.
FULL = 10_000_000


def main():
    if sys.argv[1:2] == ["--compare"]:
        return compare(*sys.argv[2:])
    options = arguments()
    cache = Path(options.cache).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    bench = Bench(options, cache)
    bench.prepare()
    say(machine())
    for name in options.works:
        bench.measure(name)
    bench.targets()
    say(f"\nload average at the end: {load_average()}")
    if options.json:
        Path(options.json).write_text(json.dumps(bench.report(), indent=1) + "\n")
    return 0


def arguments():
    parser = argparse.ArgumentParser(description="Measures `karat check` and its peers on the same work.")
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"of {', '.join(WORKS)}; A and E mean all of theirs")
    parser.add_argument("--only", action="store_true", help="A means A alone, not A-regex and A50 too")
    parser.add_argument(
        "--rows", type=int, metavar="N", help=f"a trial: N instead of {FULL:,} rows, others in proportion"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each tool; default: 5, 21 for F")
    parser.add_argument("--threads", default="1,2", help="karat's thread counts; the peers take the last; default: 1,2")
    parser.add_argument("--karat", metavar="PATH", help="the program; default: release/karat in the target folder")
    parser.add_argument("--peers", default=",".join(CHECKERS), help="whom to compare with, or `none`")
    parser.add_argument(
        "--modes", default="check,load", help="check (rejects kept), load (clean rows too); default: both"
    )
    parser.add_argument(
        "--cache", default=str(ROOT / "target" / "bench"), help="inputs and peers; default: target/bench"
    )
    parser.add_argument("--json", metavar="FILE", help="write all measurements there")
    parser.add_argument("--memory-limit", type=float, default=12, metavar="GIB", help="stop a tool above; default: 12")
    parser.add_argument(
        "--time-limit", type=float, default=600, metavar="SECONDS", help="stop a tool after; default: 600"
    )
    parser.add_argument("--clean", action="store_true", help="delete each work's input after its runs")
    options = parser.parse_args()
    wanted = []
    for name in options.works or WORKS:
        family = [name] if options.only and name in WORKS else FAMILIES.get(name, [name])
        wanted += [name for name in family if name not in wanted]
    if unknown := [name for name in wanted if name not in WORKS]:
        parser.error(f"no such work: {', '.join(unknown)}")
    options.works = wanted
    options.peers = [] if options.peers == "none" else options.peers.split(",")
    if unknown := [name for name in options.peers if name not in CHECKERS]:
        parser.error(f"no such peer: {', '.join(unknown)}")
    options.threads = [int(n) for n in options.threads.split(",")]
    options.modes = options.modes.split(",")
    if options.karat is None:
        target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
        options.karat = str(Path(target) / "release" / "karat")
    if shutil.which(options.karat) is None:
        parser.error(f"no program at {options.karat}: build it (cargo build --release) or name it (--karat PATH)")
    return options


# ---- preparing


class Bench:
    def __init__(self, options, cache):
        self.options, self.cache = options, cache
        self.karat = str(Path(shutil.which(options.karat)).resolve())
        self.peers, self.python, self.qsv = [], None, None
        self.truths, self.results = {}, []
        self.options_of = {}
        for mode in ("check", "load"):
            self.options_of[mode] = output([self.karat, mode, "--help"])

    def prepare(self):
        digest = hashlib.sha256((HERE / "inputs.rs").read_bytes()).hexdigest()[:12]
        self.maker = self.cache / f"inputs-{digest}"
        if not self.maker.exists():
            say("compiling the maker of inputs")
            run([rustc(), "--edition", "2024", "-O", str(HERE / "inputs.rs"), "-o", str(self.maker)], cwd=self.cache)
        wanted = [peer for peer in self.options.peers if any(peer in WORKS[name].peers for name in self.options.works)]
        if any(peer != "qsv" for peer in wanted):
            self.python = self.venv()
        if "qsv" in wanted:
            self.qsv = self.build_qsv()
        self.peers = [peer for peer in wanted if peer != "qsv" or self.qsv]

    def venv(self):
        """A Python environment with the pinned peers."""
        pins = (HERE / "peers" / "requirements.txt").read_bytes()
        folder = self.cache / f"venv-{hashlib.sha256(pins).hexdigest()[:12]}"
        python = folder / "bin" / "python"
        if not (folder / "ready").exists():
            say("installing the peers from PyPI")
            run([sys.executable, "-m", "venv", "--clear", str(folder)])
            run([str(python), "-m", "pip", "install", "-q", "-r", str(HERE / "peers" / "requirements.txt")])
            (folder / "ready").touch()
        return str(python)

    def build_qsv(self):
        """qsv's small variant from crates.io; None where it does not build within ten minutes.

        The published crate leans on a patched dependency that crates.io does not have, in one line of its `json`
        command, which takes no part here: the line is dropped.
        """
        version = "16.1.0"
        root = self.cache / f"qsv-{version}"
        program, failed = root / "bin" / "qsvlite", root / "failed"
        if program.exists() or failed.exists():
            return str(program) if program.exists() else say(f"qsv did not build: delete {failed} to try again")
        say("building qsv (up to ten minutes)")
        root.mkdir(parents=True, exist_ok=True)
        log = root / "build.log"
        try:
            output(["cargo", "info", f"qsv@{version}"])
            home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
            source = next(home.glob(f"registry/src/*/qsv-{version}"))
            copy = root / "source"
            shutil.copytree(source, copy, dirs_exist_ok=True)
            json_command = copy / "src" / "cmd" / "json.rs"
            json_command.write_text(json_command.read_text().replace(".preserve_key_order(true)", ""))
            with log.open("w") as out:
                subprocess.run(
                    ["cargo", "install", "--path", str(copy), "--locked", "--bin", "qsvlite", "--no-default-features"]
                    + ["--features", "lite", "--root", str(root)],
                    env={**os.environ, "CARGO_TARGET_DIR": str(root / "build")},
                    stdout=out,
                    stderr=out,
                    timeout=600,
                    check=True,
                )
        except (StopIteration, OSError, subprocess.SubprocessError) as error:
            failed.write_text(f"{error}\n")
            return say(f"qsv does not build here ({type(error).__name__}; see {log}): left out")
        finally:
            shutil.rmtree(root / "build", ignore_errors=True)
        return str(program)

    def input(self, name):
        """The folder of a work's input, made where it is missing, and read once so that it lies in memory."""
        work = WORKS[name]
        rows = work.rows
        if self.options.rows and name != "F":
            rows = max(100, rows * self.options.rows // FULL)
        folder = self.cache / "inputs" / f"{work.make}-{rows}-{self.maker.name[-12:]}"
        if not (folder / "truth.json").exists():
            say(f"making {work.make}, {rows:,} rows")
            making = folder.with_name(folder.name + ".part")
            shutil.rmtree(making, ignore_errors=True)
            run([str(self.maker), work.make, str(rows), str(making)])
            shutil.rmtree(folder, ignore_errors=True)
            making.rename(folder)
        for other in folder.parent.glob(f"{work.make}-*"):
            if not other.name.endswith(folder.name[-12:]):
                shutil.rmtree(other)
        for file in folder.iterdir():
            with file.open("rb", buffering=0) as source:
                while source.read(MIB):
                    pass
        return folder

    # ---- measuring

    def measure(self, name):
        work = WORKS[name]
        folder = self.input(name)
        truth = json.loads((folder / "truth.json").read_text())
        size = sum((folder / file).stat().st_size for file in {table["file"] for table in truth.values()})
        told = truth[work.truth]
        self.truths[name] = {"rows": told["rows"], "bytes": size}
        most = self.options.threads[-1]
        lanes = []
        for mode in work.modes:
            if mode in self.options.modes:
                lanes += [Lane(name, "karat", mode, threads, size) for threads in self.options.threads]
                lanes += [Lane(name, peer, mode, most, size) for peer in self.peers if peer in work.peers]
        runs = max(self.options.runs, work.least_runs if self.options.runs > 1 else 1)
        say(f"\n{name}: {work.say} ({told['rows']:,} rows, {size / 1e6:,.1f} MB, {told['wrong']:,} wrong); {runs} runs")
        for turn in range(runs):
            for lane in lanes:
                if not lane.stopped:
                    self.once(lane, work, folder, told, first=turn == 0)
        shutil.rmtree(self.cache / "out", ignore_errors=True)
        table(lanes, told)
        self.results += lanes
        if self.options.clean:
            shutil.rmtree(folder)

    def once(self, lane, work, folder, told, first):
        out = self.cache / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        took = execute(self.command(lane, work, folder, out), self.environment(lane), out, self.options)
        if took.stopped:
            lane.stopped = took.stopped
            return
        try:
            if lane.tool == "karat":
                found = karat_found(out / "report.json", work.table)
            else:
                found = json.loads((out / "stdout").read_text().strip().splitlines()[-1])
        except (OSError, ValueError, IndexError, StopIteration):
            lane.stopped = "failed: " + last_line(out / "stderr")
            return
        lane.runs.append(took)
        lane.note = found.get("note") or lane.note
        if first:
            lane.found = found
            lane.rows = self.compare(lane, work, folder, out)
        elif (found["wrong"], found["rules"]) != (lane.found["wrong"], lane.found["rules"]):
            lane.found["unsteady"] = True

    def command(self, lane, work, folder, out):
        contract = str(HERE / "contracts" / f"{work.contract}.yaml")
        if lane.tool == "karat":
            command = [
                self.karat,
                lane.mode,
                "-q",
                "-c",
                contract,
                "--data",
                str(folder),
                "--threads",
                str(lane.threads),
            ]
            command += ["--rejects", str(out / "rejects"), "--report", f"json={out / 'report.json'}"]
            if lane.mode == "load":
                command += ["--to", f"csv:{out / 'clean'}"]
            if lane.work.startswith("E") and "--memory" in self.options_of[lane.mode]:
                command += ["--memory", "1GiB"]
            return command
        script = str(HERE / "peers" / f"{lane.tool}_peer.py")
        python = sys.executable if lane.tool == "qsv" else self.python
        return [python, "-B", script, work.contract, lane.mode, str(lane.threads), str(folder), str(out / "rows")]

    def environment(self, lane):
        threads = str(lane.threads)
        return {
            **os.environ,
            "POLARS_MAX_THREADS": threads,
            "RAYON_NUM_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "QSV_PROGRAM": self.qsv or "",
        }

    def compare(self, lane, work, folder, out):
        """Which rows the tool refused, against the truth; in a process of its own, so that this one stays small."""
        wrong = folder / f"{work.truth}.wrong"
        told = output([sys.executable, str(Path(__file__)), "--compare", lane.tool, work.table, str(out), str(wrong)])
        return json.loads(told)

    # ---- judging

    def lane(self, work, tool="karat", mode="check", threads=None):
        threads = threads or self.options.threads[-1]
        for lane in self.results:
            if (lane.work, lane.tool, lane.mode, lane.threads) == (work, tool, mode, threads):
                return lane if lane.runs else None
        return None

    def targets(self):
        """The project's targets, each met or not."""
        most = self.options.threads[-1]
        judged = []

        def target(what, value, holds, form):
            if value is None:
                verdict, shown = "not measured", ""
            else:
                verdict, shown = ("met" if holds(value) else "NOT MET"), form.format(value)
            judged.append({"target": what, "value": value, "verdict": verdict})
            say(f"  {verdict:12}  {what:62}  {shown}")

        def ratio(one, other):
            return one.wall / other.wall if one and other else None

        def least(bound):
            return lambda value: value >= bound

        def at_most(bound):
            return lambda value: value <= bound

        say(f"\ntargets ({most} threads unless said)")
        for mode in ("check", "load"):
            for peer, times in (("duckdb", 4), ("polars", 3), ("dataframely", 15)):
                value = ratio(self.lane("A", peer, mode), self.lane("A", "karat", mode))
                target(f"A {mode}: at least {times} times as fast as {peer}", value, least(times), "{:.2f}×")
        for work, bound in (("A", 0.6), ("B", 1.0), ("D", 0.5), ("A-regex", 0.45)):
            lane = self.lane(work)
            target(f"{work}: at least {bound} GB/s a core", lane and lane.per_core, least(bound), "{:.2f} GB/s")
        lane = self.lane("B")
        target("B: at most 64 MiB", lane and lane.memory / MIB, at_most(64), "{:.0f} MiB")
        for work in ("A", "A-regex", "A50", "C", "D"):
            for mode in WORKS[work].modes:
                lane = self.lane(work, mode=mode)
                keys = int(WORKS[work].keys * self.truths[work]["rows"]) if work in self.truths else 0
                bound = 64 + 16 * most + 16 * keys / MIB
                value = lane and lane.memory / MIB
                target(
                    f"{work} {mode}: at most 64 MiB + 16 a thread + 16 B a key = {bound:.0f}",
                    value,
                    at_most(bound),
                    "{:.0f} MiB",
                )
        target(
            "50 % wrong: at most 1.5 times the time of 1 %",
            ratio(self.lane("A50"), self.lane("A")),
            at_most(1.5),
            "{:.2f}×",
        )
        for work in ("E-int", "E-text", "E-ref"):
            lane = self.lane(work)
            target(f"{work}: at most 2 GiB", lane and lane.memory / MIB, at_most(2048), "{:.0f} MiB")
        lane = self.lane("F")
        target("F: at most 20 ms", lane and lane.wall * 1000, at_most(20), "{:.1f} ms")
        for work in ("A", "B"):
            value = ratio(self.lane(work, threads=1), self.lane(work, threads=2))
            target(f"{work}: two threads at least 1.8 times as fast as one", value, least(1.8), "{:.2f}×")
        exact = [lane.exact for lane in self.results if lane.tool == "karat"]
        target("karat finds exactly the wrong rows, by every rule", all(exact) if exact else None, bool, "{}")
        if self.options.rows:
            say("  (a trial with --rows: small inputs measure start-up, not speed)")
        self.judged = judged

    def report(self):
        return {
            "machine": machine(),
            "karat": output([self.karat, "--version"]).strip(),
            "inputs": self.truths,
            "results": [lane.plain() for lane in self.results],
            "targets": self.judged,
        }


class Took:
    """What one run of a process cost."""

    def __init__(self, wall, cpu, memory, stopped):
        self.wall, self.cpu, self.memory, self.stopped = wall, cpu, memory, stopped


class Lane:
    """One tool at one work in one way: all its runs."""

    def __init__(self, work, tool, mode, threads, size):
        self.work, self.tool, self.mode, self.threads, self.size = work, tool, mode, threads, size
        self.runs, self.found, self.rows, self.note, self.stopped = [], None, None, None, None

    def median(self, what):
        return statistics.median(getattr(run, what) for run in self.runs)

    @property
    def wall(self):
        return self.median("wall")

    @property
    def memory(self):
        return max(run.memory for run in self.runs)

    @property
    def per_core(self):
        return self.size / 1e9 / self.median("cpu")

    @property
    def exact(self):
        return bool(self.rows) and self.rows["missed"] == 0 and self.rows["extra"] == 0 and self.right_rules

    def judge_rules(self, told):
        """How many rules the tool counted as the truth does, of those that rows break."""
        broken = {rule: n for rule, n in told["rules"].items() if n}
        self.rule_differences = {
            rule: [self.found["rules"].get(rule, 0), n]
            for rule, n in broken.items()
            if self.found["rules"].get(rule, 0) != n
        }
        more = sum(1 for rule, n in self.found["rules"].items() if n and rule not in broken)
        self.right_rules = not self.rule_differences and not more and not self.found.get("unsteady")
        self.right_rules = self.right_rules and self.found["rows"] == told["rows"]
        return f"{len(broken) - len(self.rule_differences)}/{len(broken)}" + (f" +{more}" if more else "")

    def plain(self):
        if not self.runs:
            return {
                "work": self.work,
                "tool": self.tool,
                "mode": self.mode,
                "threads": self.threads,
                "stopped": self.stopped,
            }
        return {
            "work": self.work,
            "tool": self.tool,
            "mode": self.mode,
            "threads": self.threads,
            "wall_seconds": [round(run.wall, 4) for run in self.runs],
            "median_wall_seconds": round(self.wall, 4),
            "median_cpu_seconds": round(self.median("cpu"), 4),
            "peak_memory_bytes": self.memory,
            "gb_per_second": round(self.size / 1e9 / self.wall, 4),
            "gb_per_second_per_core": round(self.per_core, 4),
            "found": self.found,
            "compared_rows": self.rows,
            "exact": self.exact,
            "note": self.note,
            "stopped": self.stopped,
        }


def table(lanes, told):
    """Prints the results of one work."""
    base = {(lane.mode, lane.threads): lane.wall for lane in lanes if lane.tool == "karat" and lane.runs}
    head = ["mode", "tool", "threads", "wall s", "(least–most)", "×karat", "GB/s", "a core", "CPU s", "MiB"]
    head += ["wrong rows found", "extra", "rules"]
    lines, notes = [head], []
    for lane in lanes:
        start = [lane.mode, lane.tool, str(lane.threads)]
        if lane.note:
            notes.append(f"{lane.tool}: {lane.note}")
        if lane.stopped:
            notes.append(f"{lane.tool} {lane.mode}: {lane.stopped}")
        if not lane.runs:
            lines.append(start + ["–"] * (len(head) - 3))
            continue
        rules = lane.judge_rules(told)
        for rule, (found, true) in lane.rule_differences.items():
            notes.append(f"{lane.tool} {lane.mode}: {rule} {found:,}, in truth {true:,}")
        if lane.found.get("unsteady"):
            notes.append(f"{lane.tool} {lane.mode}: other counts in another run")
        if lane.found["rows"] != told["rows"]:
            notes.append(f"{lane.tool} {lane.mode}: read {lane.found['rows']:,} rows of {told['rows']:,}")
        if lane.found.get("clean") not in (None, told["rows"] - told["wrong"]):
            notes.append(
                f"{lane.tool} {lane.mode}: {lane.found['clean']:,} clean rows of {told['rows'] - told['wrong']:,}"
            )
        walls = [run.wall for run in lane.runs]
        karat = base.get((lane.mode, lane.threads))
        digits = 4 if lane.wall < 0.1 else 2
        lines.append(
            start
            + [f"{lane.wall:.{digits}f}", f"({min(walls):.{digits}f}–{max(walls):.{digits}f})"]
            + [
                f"{lane.wall / karat:.2f}" if karat else "–",
                f"{lane.size / 1e9 / lane.wall:.2f}",
                f"{lane.per_core:.2f}",
            ]
            + [f"{lane.median('cpu'):.{digits}f}", f"{lane.memory / MIB:.0f}"]
            + [f"{told['wrong'] - lane.rows['missed']:,}/{told['wrong']:,}", f"{lane.rows['extra']:,}", rules]
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        left = "  ".join(cell.ljust(width) for cell, width in zip(line[:2], widths))
        say("  " + left + "  " + "  ".join(cell.rjust(width) for cell, width in zip(line[2:], widths[2:])))
    for note in dict.fromkeys(notes):
        say(f"  · {note}")


# ---- running


def execute(command, environment, out, options):
    """Runs a process to its end and says what it cost; stops it past the limits."""
    stopped = []
    with (out / "stdout").open("wb") as stdout, (out / "stderr").open("wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True
        )
        ended = threading.Event()
        watch = threading.Thread(target=guard, args=(process.pid, ended, start, options, stopped), daemon=True)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        ended.set()
        watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if not stopped and process.returncode not in (0, 1):
        stopped.append(f"failed with {process.returncode}: {last_line(out / 'stderr')}")
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Took(wall, usage.ru_utime + usage.ru_stime, memory, stopped[0] if stopped else None)


def guard(pid, ended, start, options, stopped):
    """Stops a process that takes too much memory or time."""
    while not ended.wait(0.05):
        if resident(pid) > options.memory_limit * (1 << 30):
            stopped.append(f"stopped: took more than {options.memory_limit:g} GiB")
        elif time.perf_counter() - start > options.time_limit:
            stopped.append(f"stopped: took more than {options.time_limit:g} s")
        if stopped:
            if not ended.is_set():
                os.killpg(pid, signal.SIGKILL)
            return


def resident(pid):
    """The bytes in memory of a process and its children, where the system tells them."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return own + sum(resident(child) for child in children)


def run(command, **more):
    subprocess.run(command, check=True, **more)


def output(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def rustc():
    return shutil.which("rustc") or sys.exit("rustc is needed to make the inputs")


def last_line(file):
    lines = [line for line in file.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no answer"


def say(text):
    print(text, flush=True)


def load_average():
    return " ".join(f"{n:.2f}" for n in os.getloadavg())


def machine():
    cpu = platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    try:
        cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
    except (OSError, TypeError):
        pass
    system = f"{platform.system()} {platform.release()}"
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}; load average {load_average()}"


# ---- what was found


def karat_found(report, name):
    """karat's counts from its report, with the rules named as the truth names them."""
    tables = json.loads(report.read_text())["tables"]
    table = next(table for table in tables if table["table"] == name)
    rules = {rule["id"].removeprefix(f"{name}."): rule["failures"] for rule in table["rules"]}
    return {"rows": table["records"], "wrong": table["rejected"], "clean": table["clean"], "rules": rules}


def compare(tool, name, out, wrong):
    """Prints how many wrong rows a tool missed and how many right ones it refused.

    karat names the records that it refused. Of the peers' rejects the orders can be told apart, by customer_id; of the
    others only the number is compared.
    """
    out = Path(out)
    truth = array.array("I")
    with open(wrong, "rb") as file:
        truth.frombytes(file.read())
    if sys.byteorder == "big":
        truth.byteswap()
    if tool == "karat":
        refused = karat_records(out / "rejects" / f"{name}.reasons.ndjson")
    elif name == "orders":
        refused = orders_records(out / "rows")
    else:
        lines = (out / "stdout").read_text().strip().splitlines()
        found = json.loads(lines[-1])["wrong"]
        missed, extra = max(0, len(truth) - found), max(0, found - len(truth))
        print(json.dumps({"missed": missed, "extra": extra, "by": "number"}))
        return 0
    right = set(truth)
    seen, extra = 0, 0
    for record in refused:
        if record in right:
            seen += 1
            right.discard(record)
        else:
            extra += 1
    print(json.dumps({"missed": len(truth) - seen, "extra": extra, "by": "record"}))
    return 0


def karat_records(reasons):
    if not reasons.exists():
        return
    number = re.compile(rb'"record":(\d+)')
    with reasons.open("rb") as file:
        for line in file:
            yield int(number.search(line)[1])


def orders_records(folder):
    """The record numbers behind the customers in a peer's rejects."""
    back = pow(2_654_435_761, -1, 1 << 32)
    rejects, lines = folder / "rejects.csv", folder / "lines.csv"
    if rejects.exists():
        with rejects.open(newline="") as file:
            for row in csv.DictReader(file):
                yield int(row["customer_id"]) * back % (1 << 32) + 1
    if lines.exists():
        with lines.open(newline="") as file:
            for row in csv.DictReader(file):
                yield int(row["csv_line"].split(",")[1]) * back % (1 << 32) + 1


if __name__ == "__main__":
    sys.exit(main())
