"""Reads and runs the scripts of `karat sql load`, as the tests beside it ask.

    warehouses.py parse DIALECT FOLDER...        every statement is one of the dialect's, by sqlglot
    warehouses.py redshift FOLDER SOCKET PORT    runs them on a PostgreSQL, in its database `redshift`
    warehouses.py snowflake FOLDER               runs them on fakesnow

FOLDER holds what the test made: `bucket/` (the parts), `first/`, `second/`, `third/` (scripts of an append, an upsert and
a replace), `again/` and `wrong/` (scripts that must stop), `truth-1/` and `truth-2/` (karat's own loads, as NDJSON).
"""

import base64
import csv
import datetime
import decimal
import glob
import json
import os
import re
import subprocess
import sys

DECIMALS = {"product id", "price", "stock", "order_id", "line", "product"}
BYTES = {"picture"}
MOMENTS = {"seen_at", "checked_at"}
JSON = {"tags", "address"}
KEYS = {"products": ["product id"], "order": ["order_id", "line"], "words": ["word"]}


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


# ---------------------------------------------------------------- parse

# sqlglot keeps these as text: it knows that they are statements, not what they mean.
OPAQUE = {"LOCK"}
# fmt: off
KINDS = {
    "Create", "Set", "Use", "Copy", "Put", "Transaction", "Commit", "Select", "Insert", "Merge", "Delete", "Drop",
    "Analyze", "Grant", "Semicolon",
}
# fmt: on


def parse(dialect, folder):
    import logging

    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    count = 0
    for path in sorted(glob.glob(os.path.join(folder, "*.sql"))):
        for statement in sqlglot.parse(read(path), read=dialect):
            if statement is None:
                continue
            kind = type(statement).__name__
            if isinstance(statement, exp.Command):
                assert statement.name.upper() in OPAQUE, f"{path}: {statement.sql(dialect=dialect)}"
            else:
                assert kind in KINDS, f"{path}: {kind}"
            count += 1
    assert count > 5, f"{folder} holds {count} statements"
    for path in glob.glob(os.path.join(folder, "*.manifest")):
        manifest(path)
    print(f"{folder}: {count} statements")


def manifest(path):
    """Gives the URLs of a manifest: each stands once and must be there."""

    def once(pairs):
        assert len({name for name, _ in pairs}) == len(pairs), f"{path}: a key stands twice"
        return dict(pairs)

    entries = json.loads(read(path), object_pairs_hook=once)["entries"]
    urls = [entry["url"] for entry in entries]
    assert urls and len(set(urls)) == len(urls), f"{path}: a part stands twice"
    assert all(entry["mandatory"] is True and set(entry) == {"url", "mandatory"} for entry in entries), path
    assert all(url.startswith("s3://") for url in urls), path
    return urls


# ---------------------------------------------------------------- values


def canonical(row):
    """Gives a row with one spelling a value, whoever wrote it."""
    return {name.lower(): value_of(name.lower(), value) for name, value in row.items()}


def value_of(name, value):
    if value is None:
        return None
    if name in DECIMALS:
        return decimal.Decimal(str(value))
    if name in BYTES:
        if isinstance(value, (bytes, bytearray)):
            return bytes(value)
        return bytes.fromhex(value[2:]) if value.startswith("\\x") else base64.b64decode(value)
    if name in MOMENTS:
        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    if name == "opens":
        return datetime.time.fromisoformat(value) if isinstance(value, str) else value
    if name == "listed_on":
        return datetime.date.fromisoformat(value) if isinstance(value, str) else value
    if name in JSON and isinstance(value, str):
        return json.loads(value)
    if name == "weight":
        return float(value)
    return value


def ordered(table, rows):
    return sorted(rows, key=lambda row: [str(row[key]) for key in KEYS[table]])


def truth(folder, table):
    rows = []
    for path in sorted(glob.glob(os.path.join(folder, table, "*.ndjson"))):
        for line in read(path).splitlines():
            rows.append(canonical(json.loads(line, parse_float=decimal.Decimal)))
    return ordered(table, rows)


def same(table, found, wanted, what):
    found = ordered(table, [{name: row[name] for name in wanted[0]} for row in found]) if wanted else found
    assert found == wanted, f"{what}: {table}\nfound  {found}\nwanted {wanted}"
    print(f"{what}: {len(found)} rows of {table} are karat's own")


# ---------------------------------------------------------------- Redshift on PostgreSQL


class PostgreSql:
    """A server that the test started: the folder of its socket, and its port."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    def psql(self, script):
        """Runs a script, to its first error; gives exit code and what was said."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        # As in Redshift, which goes back to PostgreSQL 8, a backslash escapes in every literal.
        environment["PGOPTIONS"] = "-c standard_conforming_strings=off -c escape_string_warning=off -c timezone=UTC"
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder]
        command += ["-p", self.port, "-U", "karat", "-d", "redshift", "-f", "-"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, env=environment, check=False)
        return done.returncode, done.stdout, done.stderr

    def good(self, script):
        code, out, err = self.psql(script)
        assert code == 0, f"{err}\n{script}"
        return out

    def rows(self, table):
        out = self.good(f'SELECT row_to_json(t) FROM shop."{table}" AS t;')
        return [canonical(json.loads(line, parse_float=decimal.Decimal)) for line in out.splitlines()]


SHIMS = """
CREATE FUNCTION public.getdate() RETURNS timestamp LANGUAGE sql AS $$ SELECT localtimestamp $$;
CREATE FUNCTION public.to_varbyte(text, text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode($1, $2) $$;
CREATE ROLE analyst; CREATE ROLE etl;
"""

COPY = re.compile(r"^COPY (\".*?)\n  FROM '([^']*)'\n(.*?);$", re.M | re.S)


def for_postgresql(script, folder, scripts):
    """Takes out what only Redshift says, and puts the parts of the manifest in its place."""

    def copy(match):
        what, url, options = match.groups()
        if options.rstrip().endswith("NOLOAD"):
            return ""
        assert " MANIFEST\n" in options and "IGNOREHEADER 1" in options and "DELIMITER AS ','" in options, options
        null = re.search(r"NULL AS '([^']*)'", options)
        null = f", NULL '{null[1]}'" if null else ""
        table, load, _ = os.path.basename(url).rsplit(".", 2)
        urls = manifest(os.path.join(scripts, f"{table}.manifest"))
        assert load, url
        local = [url.replace("s3://lake/in", os.path.join(folder, "bucket")) for url in urls]
        return "\n".join(f"COPY {what} FROM '{path}' WITH (FORMAT csv, HEADER true{null});" for path in local)

    script = COPY.sub(copy, script)
    script = re.sub(r" ENCODE \w+", "", script)
    script = re.sub(r"^\) DISTSTYLE .*;$", ");", script, flags=re.M)
    script = re.sub(r"VARBYTE\(\d+\)", "BYTEA", script).replace(" SUPER", " JSONB")
    script = script.replace('SET search_path TO "shop";', 'SET search_path TO "shop", public;')
    return re.sub(r" TO ROLE ", " TO ", script)


def redshift(folder, socket, port):
    server = PostgreSql(socket, port)
    server.good(SHIMS)
    os.chmod(folder, 0o755)

    def script(scripts, name):
        return for_postgresql(read(folder, scripts, name), folder, os.path.join(folder, scripts))

    def stops(scripts, name, why):
        code, _, err = server.psql(script(scripts, name))
        assert code != 0 and why in err, f"{scripts}/{name} did not stop: {err}"
        print(f"{scripts}/{name} stops: {why}")

    steps(folder, lambda *which: server.good(script(*which)), stops, server.rows, lambda rows: rows)
    server.good(script("first", "grants.sql"))
    assert server.good("SELECT has_table_privilege('analyst', 'shop.products', 'SELECT')").strip() == "t"
    assert server.good("SELECT has_table_privilege('analyst', 'shop.products', 'INSERT')").strip() == "f"
    assert server.good("SELECT has_table_privilege('etl', 'shop.karat_load_table', 'INSERT')").strip() == "t"


def steps(folder, runs, stops, rows, alike):
    """The life of some tables; `alike` says what a target cannot tell apart."""
    tables = ["products", "order", "words"]
    first = {table: truth(os.path.join(folder, "truth-1"), table) for table in tables}
    second = truth(os.path.join(folder, "truth-2"), "products")
    assert len(first["products"]) == 8 and len(second) == 9

    def check(table, wanted, what):
        same(table, alike(rows(table)), alike(wanted), what)

    stops("wrong", "products.load.sql", "999 rows expected, 8 staged")
    assert rows("products") == []
    for table in tables:
        runs("first", f"{table}.load.sql")
        check(table, first[table], "append")
    stops("first", "products.load.sql", "was loaded before")
    stops("again", "products.load.sql", "keys are in the table already")
    stops("again", "order.load.sql", "rows of the parts carry another load id")
    check("products", first["products"], "nothing changed")
    ids = {row["load_id"] for row in rows("products")}
    assert ids == {"first"} and all(row["load_ts"] for row in rows("products")), ids

    runs("second", "products.load.sql")
    check("products", second, "upsert")
    stops("first", "products.rollback.sql", "a later load took the others")
    runs("second", "products.rollback.sql")
    check("products", first["products"], "rollback of the upsert")
    stops("second", "products.rollback.sql", "is 0 times in the history")
    runs("second", "products.load.sql")
    check("products", second, "upsert again")
    runs("third", "products.load.sql")
    check("products", first["products"], "replace")
    runs("third", "products.rollback.sql")
    check("products", second, "rollback of the replace")
    runs("first", "words.rollback.sql")
    assert rows("words") == []
    history = {(row["load_id"], row["table_name"], row["rows_loaded"]) for row in rows("karat_load_table")}
    assert history == {("first", "products", 8), ("first", "order", 3), ("second", "products", 2)}, history


# ---------------------------------------------------------------- Snowflake on fakesnow


def snowflake(folder):
    import warnings

    warnings.filterwarnings("ignore")
    import fakesnow
    import fakesnow.copy_into as fake
    import snowflake.connector
    import sqlglot

    # fakesnow finds no single files in a stage of its own.
    urls = fake._source_urls
    fake._source_urls = lambda source, files: (
        urls(source, files) if "://" in source else [os.path.join(source, file) for file in files]
    )
    # It lets DuckDB guess types and quotes, and takes a quoted empty field for NULL; Snowflake does not.
    settings = fake.ReadCSV.read_expression

    def exact(self, url):
        with open(url, encoding="utf-8", newline="") as file:
            # From ten columns on DuckDB has names that fakesnow does not expect.
            names = [f"column{index}" for index in range(len(next(csv.reader(file))))]
        read = settings(self, url)
        more = {"escape": '"', "all_varchar": True, "allow_quoted_nulls": False, "names": names}
        for name, value in more.items():
            read.append("expressions", self.make_eq(name, value))
        return read

    fake.ReadCSV.read_expression = exact
    # Options that fakesnow does not know; all but the last say what DuckDB does anyhow.
    known = r" (RECORD_DELIMITER|ESCAPE|TRIM_SPACE|ERROR_ON_COLUMN_COUNT_MISMATCH|REPLACE_INVALID_CHARACTERS|ENCODING|"
    known += r"DATE_FORMAT|TIME_FORMAT|TIMESTAMP_FORMAT|BINARY_FORMAT) = ('[^']*'|\w+)"

    with fakesnow.patch():
        connection = snowflake.connector.connect(database="karat", schema="public")
        cursor = connection.cursor()

        def execute(script):
            # MERGE needs a table of its own there, which no transaction may make.
            alone = "\nMERGE INTO" in script
            for statement in statements(script):
                if statement.startswith("COPY INTO"):
                    if "VALIDATION_MODE" in statement:
                        continue
                    statement = re.sub(known, "", statement)
                if alone and statement in ("BEGIN", "COMMIT"):
                    continue
                cursor.execute(statement)

        def statements(script):
            tokens = sqlglot.tokenize(script, read="snowflake")
            start, found = 0, []
            for token in tokens:
                if token.token_type == sqlglot.TokenType.SEMICOLON:
                    found.append(script[start : token.start])
                    start = token.end + 1
            return [re.sub(r"^(\s*--[^\n]*\n|\s+)*", "", piece).strip() for piece in found]

        def runs(scripts, name):
            execute(read(folder, scripts, name))

        def stops(scripts, name, why):
            try:
                runs(scripts, name)
            except Exception as error:  # noqa: BLE001
                assert why in str(error), f"{scripts}/{name}: {error}"
                cursor.execute("ROLLBACK")
                print(f"{scripts}/{name} stops: {why}")
            else:
                raise AssertionError(f"{scripts}/{name} did not stop")

        def rows(table):
            cursor.execute(f'SELECT * FROM "SHOP"."{table.upper()}"')
            names = [column[0] for column in cursor.description]
            return [canonical(dict(zip(names, row))) for row in cursor.fetchall()]

        def alike(found):
            # DuckDB takes base64 for the bytes themselves.
            return [{name: value for name, value in row.items() if name != "picture"} for row in found]

        steps(folder, runs, stops, rows, alike)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["parse", dialect, *folders]:
            for each in folders:
                parse(dialect, each)
        case ["redshift", where, socket, port]:
            redshift(os.path.abspath(where), socket, port)
        case ["snowflake", where]:
            snowflake(os.path.abspath(where))
        case _:
            sys.exit(__doc__)
