"""Polars by hand: lazy frames on the streaming engine, every column read as text and cast without `strict`."""

import polars as pl
from common import EMAIL, STATUS, Call, answer, whole

call = Call()
col = pl.col


def fails_to(cast, column):
    return col(column).is_not_null() & cast.is_null()


def judge(frame, rules, note=None):
    """Counts, wrong rows and clean rows in one pass."""
    marks = [f"!{rule}" for rule in rules]
    judged = frame.with_columns(rule.fill_null(False).alias(mark) for mark, rule in zip(marks, rules.values()))
    wrong = pl.any_horizontal(marks)
    plans = [
        judged.select(pl.len().alias("rows"), wrong.sum().alias("wrong"), *(col(mark).sum() for mark in marks)),
        write(judged.filter(wrong).drop(marks), "rejects"),
    ]
    if call.load:
        plans.append(write(judged.filter(~wrong).drop(marks), "clean"))
    counts = pl.collect_all(plans, engine="streaming")[0].row(0, named=True)
    rows, failed = counts["rows"], counts["wrong"]
    found = {rule: counts[mark] for mark, rule in zip(marks, rules)}
    answer(rows, failed, found, rows - failed if call.load else None, note)


def write(frame, name):
    if call.work == "transactions":
        return frame.sink_ndjson(call.output(f"{name}.json"), lazy=True)
    return frame.sink_csv(call.output(f"{name}.csv"), lazy=True)


def repeated(frame, key):
    """The values that stand in more than one row: a first scan, of this column alone."""
    keys = frame.select(key.alias("key")).filter(col("key").is_not_null())
    found = keys.group_by("key").agg(pl.len().alias("n")).filter(col("n") > 1).select("key").collect(engine="streaming")
    return key.is_in(found["key"].implode())


def orders():
    frame = pl.scan_csv(call.file("orders.csv"), infer_schema=False)
    number = col("id").cast(pl.Int64, strict=False)
    customer = col("customer_id").cast(pl.Int64, strict=False)
    amount = col("amount").cast(pl.Decimal(12, 2), strict=False)
    day = col("order_date").str.to_date("%Y-%m-%d", strict=False)
    rules = {
        "id.required": col("id").is_null(),
        "id.type": fails_to(number, "id"),
        "id.minimum": number < 1,
        "customer_id.type": fails_to(customer, "customer_id"),
        "amount.required": col("amount").is_null(),
        "amount.type": fails_to(amount, "amount"),
        "amount.not_values": amount == 0,
        "amount.minimum": amount < 0,
        "sku.pattern": ~col("sku").str.contains(whole(call.sku)),
        "name.required": col("name").is_null(),
        "email.pattern": ~col("email").str.contains(whole(EMAIL)),
        "order_date.type": fails_to(day, "order_date"),
        "status.accepted_values": ~col("status").is_in(STATUS),
        "record": col("status").is_null(),
    }
    if call.unique:
        rules["id.unique"] = repeated(frame, number)
    judge(frame, rules, "a short row is read as one whose status is missing")


def products():
    frame = pl.scan_csv(call.file("products.csv"), infer_schema=False)
    rules = {
        "name.required": col("name").is_null(),
        "sku.required": col("sku").is_null(),
        "sku.pattern": ~col("sku").str.contains(whole("[a-z]+(-[a-z]+)*")),
        "description.required": col("description").is_null(),
        "description.max_length": col("description").str.len_chars() > 240,
    }
    judge(frame, rules)


def transactions():
    item = pl.Struct({"product_id": pl.String, "price": pl.String})
    shape = pl.Struct({"customer_id": pl.String, "basket": pl.List(item), "date_of_purchase": pl.String})
    line = col("line")
    reads = line.str.json_path_match("$").is_not_null()
    frame = pl.scan_lines(call.file("transactions.json"), name="line")
    frame = frame.select(pl.when(reads).then(line).str.json_decode(shape).alias("record"))
    frame = frame.with_columns(col("record").is_null().alias("broken")).unnest("record")
    price = pl.element().struct.field("price").cast(pl.Int64, strict=False)
    product = pl.element().struct.field("product_id")

    def any_item(test):
        return col("basket").list.eval(test.fill_null(False)).list.any()

    rules = {
        "record": col("broken"),
        "customer_id.required": col("customer_id").is_null() & ~col("broken"),
        "customer_id.pattern": ~col("customer_id").str.contains(whole("C[0-9]+")),
        "basket.min_items": col("basket").list.len() < 1,
        "basket[].price.exclusive_minimum": any_item(price <= 0),
        "basket.type": any_item(price.is_null()),
        "basket[].product_id.pattern": any_item(~product.str.contains(whole("P[0-9]{4}"))),
        "date_of_purchase.type": fails_to(
            col("date_of_purchase").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False), "date_of_purchase"
        ),
    }
    judge(frame, rules, "scan_ndjson stops at a broken line: each line is decoded by hand")


def references():
    parents = pl.scan_csv(call.file("parents.csv"), schema={"id": pl.Int64})
    children = pl.scan_csv(call.file("children.csv"), schema={"parent_id": pl.Int64})
    orphans = children.filter(col("parent_id").is_not_null()).join(
        parents, left_on="parent_id", right_on="id", how="anti"
    )
    rows, failed = pl.collect_all([children.select(pl.len()), orphans], engine="streaming")
    failed.write_csv(call.output("rejects.csv"))
    answer(rows.item(), failed.height, {"parent_id.references": failed.height})


def keys():
    kind = pl.String if call.work == "text-keys" else pl.Int64
    frame = pl.scan_csv(call.file("keys.csv"), schema={"id": kind})
    groups = frame.filter(col("id").is_not_null()).group_by("id").agg(pl.len().alias("n")).filter(col("n") > 1)
    rows, found = pl.collect_all([frame.select(pl.len()), groups], engine="streaming")
    found.select(col("id").repeat_by("n").explode()).write_csv(call.output("rejects.csv"))
    wrong = int(found["n"].sum())
    answer(rows.item(), wrong, {"id.unique": wrong})


if call.is_orders:
    orders()
elif call.work == "products":
    products()
elif call.work == "transactions":
    transactions()
elif call.work == "references":
    references()
else:
    keys()
