"""Pandera on a Polars frame: every column read as text, casts in checks, `lazy=True` for all failures."""

import pandera.polars as pa
import polars as pl
from common import EMAIL, STATUS, Call, answer, whole

call = Call()
MONEY = pl.Decimal(12, 2)


def check(name, test):
    return pa.Check(lambda data: data.lazyframe.select(test(pl.col(data.key)).fill_null(True)), name=name)


def casts(kind):
    return check("type", lambda text: text.is_null() | text.cast(kind, strict=False).is_not_null())


def holds(name, kind, test):
    return check(name, lambda text: test(text.cast(kind, strict=False)))


def is_day(text):
    return text.is_null() | text.str.to_date("%Y-%m-%d", strict=False).is_not_null()


schema = pa.DataFrameSchema(
    {
        "id": pa.Column(
            str, [casts(pl.Int64), holds("minimum", pl.Int64, lambda n: n >= 1)], nullable=False, unique=call.unique
        ),
        "customer_id": pa.Column(str, [casts(pl.Int64)], nullable=True),
        "amount": pa.Column(
            str,
            [
                casts(MONEY),
                holds("not_values", MONEY, lambda n: n != 0),
                holds("minimum", MONEY, lambda n: n >= 0),
            ],
            nullable=False,
        ),
        "sku": pa.Column(str, [pa.Check.str_matches(whole(call.sku), name="pattern")], nullable=True),
        "name": pa.Column(str, nullable=False),
        "email": pa.Column(str, [pa.Check.str_matches(whole(EMAIL), name="pattern")], nullable=True),
        "order_date": pa.Column(str, [check("type", is_day)], nullable=True),
        "status": pa.Column(str, [pa.Check.isin(STATUS, name="accepted_values")], nullable=False),
    }
)
frame = pl.read_csv(call.file("orders.csv"), infer_schema=False)
wrong, rules = [], {}
try:
    schema.validate(frame, lazy=True)
except pa.errors.SchemaErrors as errors:
    cases = errors.failure_cases
    wrong = cases["index"].unique().sort()
    names = {"not_nullable": "required", "field_uniqueness": "unique", f"isin({STATUS})": "accepted_values"}
    for column, rule, n in cases.group_by("column", "check").len().iter_rows():
        rule = "pattern" if rule.startswith("str_matches") else names.get(rule, rule)
        rules["record" if (column, rule) == ("status", "required") else f"{column}.{rule}"] = n
    frame[wrong].write_csv(call.output("rejects.csv"))
clean = None
if call.load:
    kept = frame.with_row_index("row").filter(~pl.col("row").is_in(pl.Series(wrong).implode())).drop("row")
    kept.write_csv(call.output("clean.csv"))
    clean = kept.height
answer(
    frame.height,
    len(wrong),
    rules,
    clean,
    "read as text; ids compared as text and missing ids count as repeated; a short row is read as one whose status is"
    " missing",
)
