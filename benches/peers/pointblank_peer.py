"""Pointblank on a Polars frame: every column read as text, casts in expressions, passed and failed rows sundered."""

import pointblank as pb
import polars as pl
from common import EMAIL, STATUS, Call, answer, whole

call = Call()
col = pl.col
number = col("id").cast(pl.Int64, strict=False)
customer = col("customer_id").cast(pl.Int64, strict=False)
amount = col("amount").cast(pl.Decimal(12, 2), strict=False)
day = col("order_date").str.to_date("%Y-%m-%d", strict=False)

steps = pb.Validate(pl.read_csv(call.file("orders.csv"), infer_schema=False))
names = []


def step(name, plan):
    names.append(name)
    return plan


def reads(name, column, cast):
    return step(name, steps.col_vals_expr(col(column).is_null() | cast.is_not_null()))


steps = step("id.required", steps.col_vals_not_null("id"))
steps = reads("id.type", "id", number)
steps = step("id.minimum", steps.col_vals_expr((number >= 1).fill_null(True)))
if call.unique:
    # rows_distinct() finds them too, but does not take part in get_sundered_data().
    steps = step("id.unique", steps.col_vals_expr(number.is_null() | ~number.is_duplicated()))
steps = reads("customer_id.type", "customer_id", customer)
steps = step("amount.required", steps.col_vals_not_null("amount"))
steps = reads("amount.type", "amount", amount)
steps = step("amount.not_values", steps.col_vals_expr((amount != 0).fill_null(True)))
steps = step("amount.minimum", steps.col_vals_expr((amount >= 0).fill_null(True)))
steps = step("sku.pattern", steps.col_vals_regex("sku", whole(call.sku), na_pass=True))
steps = step("name.required", steps.col_vals_not_null("name"))
steps = step("email.pattern", steps.col_vals_regex("email", whole(EMAIL), na_pass=True))
steps = reads("order_date.type", "order_date", day)
steps = step("status.accepted_values", steps.col_vals_in_set("status", STATUS))
steps = step("record", steps.col_vals_not_null("status"))

done = steps.interrogate(collect_extracts=False)
rules = {name: done.n_failed(i=i + 1, scalar=True) for i, name in enumerate(names)}
failed = done.get_sundered_data(type="fail")
failed.write_csv(call.output("rejects.csv"))
passed = done.get_sundered_data(type="pass") if call.load else None
if call.load:
    passed.write_csv(call.output("clean.csv"))
rows = done.validation_info[0].n
answer(
    rows,
    failed.height,
    rules,
    passed.height if call.load else None,
    "read as text; a missing status breaks accepted_values too; a short row is read as one whose status is missing",
)
