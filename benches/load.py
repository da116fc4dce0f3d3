#!/usr/bin/env python3
"""Speed of `karat load` into databases beside their own loaders: same machine, same run, same file.

    python3 benches/load.py                      builds karat, starts a private PostgreSQL, prints the table
    python3 benches/load.py --karat PATH         takes a karat that is built already
    python3 benches/load.py --only clean,upsert --runs 5

Works: 2 million sales of 8 columns (about 160 MB of CSV), clean and with 1 % and 20 % of the rows wrong, and 500,000
products of which half are in the target already. karat judges every row by all rules of its contract and keeps the
rejects; the peers are given the clean file.

- `COPY`: the server's own, of the same file, `COPY sales FROM '/…' (FORMAT csv)`, in one transaction.
- the hand-written upsert: `COPY` into a temporary table, then `INSERT … ON CONFLICT DO UPDATE`.
- DuckDB: its own `INSERT … FROM read_csv(…, store_rejects = true)` into a new file (PyPI).
- pgloader, where Debian has it.

The server runs with its default settings (durable) in a folder of its own; tables are truncated and checkpointed between runs. Runs
take turns. Wall times are medians; CPU is that of the client and, in brackets, of all processes of the server.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TICK = os.sysconf("SC_CLK_TCK")


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Server:
    """A private PostgreSQL."""

    def __init__(self, scratch):
        bins = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        if not bins:
            install("postgresql")
            bins = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        self.bin = bins[-1]
        self.data = scratch / "postgres"
        self.data.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.run_as = []
        if os.getuid() == 0:
            shutil.chown(self.data, "postgres", "postgres")
            self.run_as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "env", f"HOME={self.data}"]
        here = [*self.run_as, str(self.bin / "initdb"), "-D", str(self.data / "data"), "-U", "bench", "--auth=trust"]
        subprocess.run([*here, "-E", "UTF8", "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.data}"
        self.options = options + " -c max_wal_size=4GB -c shared_buffers=128MB"
        command = [*self.run_as, str(self.bin / "postgres"), "-D", str(self.data / "data"), *self.options.split()]
        self.process = subprocess.Popen(command, stderr=open(self.data / "log", "wb"), cwd="/")
        for _ in range(200):
            if subprocess.run([*self.psql("postgres"), "-c", "select 1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
        self.sql("postgres", "CREATE DATABASE bench")

    def psql(self, database):
        return ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", "-d", database]

    def sql(self, database, text):
        done = subprocess.run([*self.psql(database), "-At"], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise SystemExit(f"{text}\n{done.stderr.decode()}")
        return done.stdout.decode().strip()

    def url(self):
        return f"postgres://bench@127.0.0.1:{self.port}/bench"

    def cpu(self):
        """CPU seconds of all the server's processes, those that ended included."""
        seconds = 0.0
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], stdout=subprocess.PIPE).stdout.decode().split()
        for pid in [str(self.process.pid), *children]:
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            own, waited = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
            seconds += (own + (waited if pid == str(self.process.pid) else 0)) / TICK
        return seconds

    def settle(self, *statements):
        """Brings the tables to their state before a run, and the server to rest."""
        self.sql("bench", ";\n".join([*statements, "CHECKPOINT"]))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def install(package):
    root = [] if os.getuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*root, "apt-get", "update", "-qq"], env=environment)
    return subprocess.run([*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", package], env=environment, stdout=subprocess.DEVNULL).returncode == 0


class Lane:
    """One tool on one work."""

    def __init__(self, name, command, before, rows):
        self.name, self.command, self.before, self.rows = name, command, before, rows
        self.walls, self.cpus, self.served, self.peaks = [], [], [], []

    def go(self, server):
        self.before()
        served = server.cpu()
        started = time.monotonic()
        process = subprocess.Popen(list(map(str, self.command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1):
            raise SystemExit(f"{self.name} failed ({code}): {error.decode(errors='replace')[-2000:]}")
        loaded = self.rows[1]()
        if loaded != self.rows[0]:
            raise SystemExit(f"{self.name}: {loaded} rows are in the target, not {self.rows[0]}")
        self.walls.append(wall)
        self.cpus.append(usage.ru_utime + usage.ru_stime)
        self.served.append(server.cpu() - served)
        self.peaks.append(usage.ru_maxrss / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--karat", type=pathlib.Path, help="a karat that is built already")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "bench" / "load")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--products", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help="clean, dirty1, dirty20, upsert, duckdb; comma-separated")
    options = parser.parse_args()
    if options.karat is None:
        subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        options.karat = target / "release" / "karat"
    wanted = options.only.split(",") if options.only else ["clean", "dirty1", "dirty20", "upsert", "duckdb"]
    options.cache.mkdir(parents=True, exist_ok=True)
    inputs = make(options)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="karat-bench-"))
    scratch.chmod(0o755)
    server = Server(scratch)
    try:
        print(f"PostgreSQL {server.sql('bench', 'SHOW server_version')}, {os.cpu_count()} cores, medians of {options.runs} runs\n")
        print("| work | tool | wall s | least-most | CPU s | server CPU s | peak MiB | ratio |")
        print("|---|---|--:|---|--:|--:|--:|--:|")
        for work in wanted:
            lanes = globals()[work](options, server, inputs, scratch)
            for _ in range(options.runs):
                for lane in lanes:
                    lane.go(server)
            show(work, lanes)
    finally:
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def make(options):
    """Makes the files, once."""
    folder = options.cache / f"sales-{options.rows}-{options.products}"
    names = ["clean", "dirty1", "dirty20"]
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run([options.karat, "-q", "generate", "-c", HERE / "sales.yaml", "--rows", str(options.rows), "--out", folder], check=True)
        (folder / "sales.csv").rename(folder / "clean.csv")
        for name, step in [("dirty1", 100), ("dirty20", 5)]:
            with open(folder / "clean.csv", "rb") as source, open(folder / f"{name}.csv", "wb") as out:
                for number, line in enumerate(source):
                    if number % step == 1:
                        fields = line.split(b",", 4)
                        fields[3] = b"-" + fields[3]
                        line = b",".join(fields)
                    out.write(line)
        for name, first in [("products", 1), ("again", options.products // 2 + 1)]:
            with open(folder / f"{name}.csv", "w") as out:
                out.write("sku,name,price,listed_on\n")
                for number in range(first, first + options.products):
                    out.write(f"SKU-{number:07},product number {number},{number % 9973 + 1}.{number % 100:02},2026-01-{number % 28 + 1:02}\n")
        (folder / "products.yaml").write_text(
            "karat: 1\nname: products\ntables:\n  products:\n    primary_key: [sku]\n    columns:\n"
            "      sku: {type: string, pattern: \"SKU-[0-9]{7}\"}\n      name: {type: string, required: true, max_length: 100}\n"
            "      price: {type: \"decimal(12,2)\", required: true, minimum: 0}\n      listed_on: {type: date, required: true}\n"
        )
        (folder / "done").touch()
    folder.chmod(0o755)
    return {name: folder / f"{name}.csv" for name in [*names, "products", "again"]} | {"contract": folder / "products.yaml"}


SALES = """CREATE TABLE sales (sale_id bigint NOT NULL, customer_id bigint NOT NULL, sku text NOT NULL, quantity integer NOT NULL,
amount numeric(12,2) NOT NULL, status text NOT NULL, sold_at timestamp(6) NOT NULL, note text)"""
PRODUCTS = "CREATE TABLE products (sku text PRIMARY KEY, name text NOT NULL, price numeric(12,2) NOT NULL, listed_on date NOT NULL)"


def sales_lane(name, command, options, server, wrong=0):
    def before():
        server.settle("DROP TABLE IF EXISTS sales, karat_load, karat_load_file", SALES)

    return Lane(name, command, before, (options.rows - wrong, lambda: int(server.sql("bench", "SELECT count(*) FROM sales"))))


def karat_sales(options, server, inputs, scratch, name, wrong=0):
    command = [options.karat, "-q", "load", f"sales={inputs[name]}", "-c", HERE / "sales.yaml", "--to", server.url()]
    return sales_lane(f"karat, {name}", [*command, "--rejects", scratch / "rejects", "--overwrite-rejects"], options, server, wrong)


def readable(server, path, scratch):
    """A copy that the server's own user may read."""
    place = scratch / path.name
    if not place.exists():
        shutil.copy(path, place)
        place.chmod(0o644)
    return place


def copy_sales(options, server, inputs, scratch):
    file = readable(server, inputs["clean"], scratch)
    return sales_lane("server-side COPY", [*server.psql("bench"), "-c", f"COPY sales FROM '{file}' (FORMAT csv, HEADER)"], options, server)


def clean(options, server, inputs, scratch):
    lanes = [copy_sales(options, server, inputs, scratch), karat_sales(options, server, inputs, scratch, "clean")]
    lanes.append(sales_lane("psql \\copy", [*server.psql("bench"), "-c", f"\\copy sales FROM '{inputs['clean']}' (FORMAT csv, HEADER)"], options, server))
    if shutil.which("pgloader") or install("pgloader"):
        script = scratch / "sales.load"
        script.write_text(
            f"LOAD CSV FROM '{inputs['clean']}' INTO {server.url().replace('postgres:', 'postgresql:')}?tablename=sales\n"
            "WITH skip header = 1, fields terminated by ',', fields optionally enclosed by '\"';\n"
        )
        lanes.append(sales_lane("pgloader", ["pgloader", script], options, server))
    else:
        tell("pgloader cannot be installed: left out")
    return lanes


def dirty1(options, server, inputs, scratch):
    wrong = options.rows // 100
    return [copy_sales(options, server, inputs, scratch), karat_sales(options, server, inputs, scratch, "dirty1", wrong)]


def dirty20(options, server, inputs, scratch):
    wrong = options.rows // 5
    return [copy_sales(options, server, inputs, scratch), karat_sales(options, server, inputs, scratch, "dirty20", wrong)]


def upsert(options, server, inputs, scratch):
    first = readable(server, inputs["products"], scratch)
    file = readable(server, inputs["again"], scratch)

    def before():
        server.settle(
            "DROP TABLE IF EXISTS products, karat_load, karat_load_file", PRODUCTS,
            f"COPY products FROM '{first}' (FORMAT csv, HEADER)", "ANALYZE products",
        )

    rows = (options.products + options.products // 2, lambda: int(server.sql("bench", "SELECT count(*) FROM products")))
    by_hand = scratch / "upsert.sql"
    by_hand.write_text(
        "BEGIN;\nCREATE TEMP TABLE stage (LIKE products INCLUDING DEFAULTS) ON COMMIT DROP;\n"
        f"COPY stage FROM '{file}' (FORMAT csv, HEADER);\n"
        "INSERT INTO products SELECT * FROM stage ON CONFLICT (sku) DO UPDATE SET name = excluded.name, price = excluded.price,\n"
        "listed_on = excluded.listed_on;\nCOMMIT;\n"
    )
    karat = [options.karat, "-q", "load", f"products={inputs['again']}", "-c", inputs["contract"], "--to", server.url(), "--mode", "upsert"]
    return [
        Lane("stage + ON CONFLICT by hand", [*server.psql("bench"), "-f", by_hand], before, rows),
        Lane("karat, upsert", [*karat, "--rejects", scratch / "rejects", "--overwrite-rejects"], before, rows),
    ]


def duckdb(options, server, inputs, scratch):
    venv = options.cache / "venv"
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "duckdb"], check=True)
    target, other = scratch / "karat.duckdb", scratch / "own.duckdb"
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('SET threads = 2'); "
        "c.execute('CREATE TABLE sales (sale_id BIGINT NOT NULL, customer_id BIGINT NOT NULL, sku VARCHAR NOT NULL, quantity INTEGER NOT NULL, "
        "amount DECIMAL(12,2) NOT NULL, status VARCHAR NOT NULL, sold_at TIMESTAMP NOT NULL, note VARCHAR)'); "
        "c.execute(\"COPY sales FROM '\" + sys.argv[2] + \"' (FORMAT csv, HEADER, STORE_REJECTS true)\"); c.close()"
    )

    def before():
        for path in scratch.glob("*.duckdb*"):
            path.unlink()

    def count(path):
        query = f"import duckdb; print(duckdb.connect('{path}', read_only=True).execute('SELECT count(*) FROM sales').fetchone()[0])"
        return lambda: int(subprocess.run([python, "-c", query], stdout=subprocess.PIPE, check=True).stdout)

    karat = [options.karat, "-q", "load", f"sales={inputs['clean']}", "-c", HERE / "sales.yaml", "--to", target]
    return [
        Lane("DuckDB COPY, store_rejects", [python, "-c", script, other, inputs["clean"]], before, (options.rows, count(other))),
        Lane("karat into DuckDB", [*karat, "--rejects", scratch / "rejects", "--overwrite-rejects"], before, (options.rows, count(target))),
    ]


def show(work, lanes):
    base = statistics.median(lanes[0].walls)
    for lane in lanes:
        wall = statistics.median(lane.walls)
        cells = [
            work, lane.name, f"{wall:.2f}", f"{min(lane.walls):.2f}-{max(lane.walls):.2f}", f"{statistics.median(lane.cpus):.2f}",
            f"{statistics.median(lane.served):.2f}", f"{statistics.median(lane.peaks):.0f}", f"{wall / base:.2f}",
        ]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
