"""DuckDB: `read_csv` with `store_rejects` for types and shape, SQL for the other rules."""

import duckdb
from common import EMAIL, STATUS, Call, answer

call = Call()
db = duckdb.connect()
db.execute(f"SET threads = {call.threads}")
db.execute("SET preserve_insertion_order = false")
db.execute("SET memory_limit = '11GB'")
db.execute(f"SET temp_directory = '{call.output('spill')}'")


def one(sql):
    return db.execute(sql).fetchone()


def failures(rules):
    """A number with a bit for each broken rule; NULL breaks none."""
    return " | ".join(f"(coalesce({broken}, false)::INTEGER << {bit})" for bit, broken in enumerate(rules.values()))


def read_csv(name, columns):
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
    return (
        f"read_csv('{call.file(name)}', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
        f" columns = {{{columns}}}, store_rejects = true, rejects_limit = 0)"
    )


def count(rules, wrong):
    counts = "".join(f", count(*) FILTER (bad & {1 << bit} <> 0)" for bit in range(len(rules)))
    rows, failed, *each = one(f"SELECT count(*), count(*) FILTER ({wrong}){counts} FROM t")
    return rows, failed, dict(zip(rules, each))


def csv(columns, source, rules, unique=None):
    """Judges one CSV file in one scan into a table; duplicates are looked for in the table."""
    db.execute(f"CREATE TEMP TABLE t AS SELECT *, {failures(rules)} AS bad FROM {read_csv(source, columns)}")
    wrong = "bad <> 0"
    if unique:
        db.execute(
            f"CREATE TEMP TABLE d AS SELECT {unique} FROM t WHERE {unique} IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
        )
        wrong = f"bad <> 0 OR {unique} IN (SELECT {unique} FROM d)"
    rows, failed, found = count(rules, wrong)
    if unique:
        found[f"{unique}.unique"] = one(f"SELECT count(*) FROM t WHERE {unique} IN (SELECT {unique} FROM d)")[0]
    names = ", ".join(columns)
    db.execute(f"COPY (SELECT {names} FROM t WHERE {wrong}) TO '{call.output('rejects.csv')}' (HEADER)")
    unread = 0
    for column, kind, n in db.execute(
        "SELECT column_name, error_type, count(*) FROM reject_errors GROUP BY ALL"
    ).fetchall():
        rule = f"{column}.type" if kind == "CAST" else "record"
        found[rule] = found.get(rule, 0) + n
        unread += n
    db.execute(f"COPY (SELECT csv_line FROM reject_errors) TO '{call.output('lines.csv')}' (HEADER)")
    clean = None
    if call.load:
        clean = one(f"COPY (SELECT {names} FROM t WHERE NOT ({wrong})) TO '{call.output('clean.csv')}' (HEADER)")[0]
    answer(rows + unread, failed + unread, found, clean)


def orders():
    accepted = ", ".join(f"'{status}'" for status in STATUS)
    csv(
        {
            "id": "BIGINT",
            "customer_id": "BIGINT",
            "amount": "DECIMAL(12,2)",
            "sku": "VARCHAR",
            "name": "VARCHAR",
            "email": "VARCHAR",
            "order_date": "DATE",
            "status": "VARCHAR",
        },
        "orders.csv",
        {
            "id.required": "id IS NULL",
            "id.minimum": "id < 1",
            "amount.required": "amount IS NULL",
            "amount.not_values": "amount = 0",
            "amount.minimum": "amount < 0",
            "sku.pattern": f"NOT regexp_full_match(sku, '{call.sku}')",
            "name.required": "name IS NULL",
            "email.pattern": f"NOT regexp_full_match(email, '{EMAIL}')",
            "status.required": "status IS NULL",
            "status.accepted_values": f"status NOT IN ({accepted})",
        },
        unique="id" if call.unique else None,
    )


def products():
    csv(
        {"name": "VARCHAR", "sku": "VARCHAR", "description": "VARCHAR"},
        "products.csv",
        {
            "name.required": "name IS NULL",
            "sku.required": "sku IS NULL",
            "sku.pattern": "NOT regexp_full_match(sku, '[a-z]+(-[a-z]+)*')",
            "description.required": "description IS NULL",
            "description.max_length": "length(description) > 240",
        },
    )


def transactions():
    rules = {
        "record": "customer_id IS NULL AND basket IS NULL AND date_of_purchase IS NULL",
        "customer_id.required": "customer_id IS NULL AND date_of_purchase IS NOT NULL",
        "customer_id.pattern": "NOT regexp_full_match(customer_id, 'C[0-9]+')",
        "basket.min_items": "len(basket) < 1",
        "basket[].price.exclusive_minimum": "list_bool_or(list_transform(basket, lambda item: item.price <= 0))",
        "basket.type": "list_bool_or(list_transform(basket, lambda item: item.price IS NULL))",
        "basket[].product_id.pattern": "list_bool_or(list_transform(basket, lambda item:"
        " NOT regexp_full_match(item.product_id, 'P[0-9]{4}')))",
        "date_of_purchase.type": "date_of_purchase IS NOT NULL AND try_cast(date_of_purchase AS TIMESTAMP) IS NULL",
    }
    db.execute(
        f"CREATE TEMP TABLE t AS SELECT *, {failures(rules)} AS bad FROM read_json('{call.file('transactions.json')}',"
        " format = 'newline_delimited', ignore_errors = true, columns = {customer_id: 'VARCHAR',"
        " basket: 'STRUCT(product_id VARCHAR, price BIGINT)[]', date_of_purchase: 'VARCHAR'})"
    )
    rows, failed, found = count(rules, "bad <> 0")
    names = "customer_id, basket, date_of_purchase"
    db.execute(f"COPY (SELECT {names} FROM t WHERE bad <> 0) TO '{call.output('rejects.json')}'")
    clean = None
    if call.load:
        clean = one(f"COPY (SELECT {names} FROM t WHERE bad = 0) TO '{call.output('clean.json')}'")[0]
    answer(rows, failed, found, clean, "a price that is no number and one that is missing look the same")


def references():
    db.execute(f"CREATE TEMP TABLE p AS SELECT id FROM {read_csv('parents.csv', {'id': 'BIGINT'})}")
    db.execute(f"CREATE TEMP TABLE t AS SELECT parent_id FROM {read_csv('children.csv', {'parent_id': 'BIGINT'})}")
    orphan = "parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM p WHERE p.id = t.parent_id)"
    failed = one(f"COPY (SELECT parent_id FROM t WHERE {orphan}) TO '{call.output('rejects.csv')}' (HEADER)")[0]
    answer(one("SELECT count(*) FROM t")[0], failed, {"parent_id.references": failed})


if call.is_orders:
    orders()
elif call.work == "products":
    products()
elif call.work == "transactions":
    transactions()
elif call.work == "references":
    references()
else:
    csv({"id": "VARCHAR" if call.work == "text-keys" else "BIGINT"}, "keys.csv", {"id.nothing": "false"}, unique="id")
