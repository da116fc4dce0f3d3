"""What every peer's script shares: how it is called, the orders' rules, how it answers.

A peer is called as `python <peer>.py WORK MODE THREADS DATA OUT`. WORK names a contract in `contracts/`; MODE is
`check` (counts by rule, and the wrong rows in OUT) or `load` (the clean rows in OUT too). It answers with one JSON
object on standard output: `rows`, `wrong`, `rules` (failures by rule), with `load` also `clean`, and a `note` where one
is due. Wrong rows go to `OUT/rejects.csv` with the column `customer_id`; where a tool keeps the bytes of rows that it
could not read, these go to `OUT/lines.csv`.
"""

import json
import sys
from pathlib import Path

EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
STATUS = ["new", "paid", "shipped", "returned", "cancelled"]
ORDER_COLUMNS = ["id", "customer_id", "amount", "sku", "name", "email", "order_date", "status"]


class Call:
    def __init__(self):
        self.work, self.mode, threads, data, out = sys.argv[1:]
        self.threads = int(threads)
        self.data = Path(data)
        self.out = Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.load = self.mode == "load"
        self.is_orders = self.work.startswith("orders")
        self.unique = self.work != "orders-no-unique"
        self.sku = "(SKU|SKZ)-(0[0-9]{7}|[1-9][0-9]{7})" if self.work == "orders-regex" else "SKU-[0-9]{8}"

    def file(self, name):
        return str(self.data / name)

    def output(self, name):
        return str(self.out / name)


def whole(pattern):
    """A pattern that matches the whole value, for tools that search."""
    return f"^(?:{pattern})$"


def answer(rows, wrong, rules, clean=None, note=None):
    print(json.dumps({"rows": rows, "wrong": wrong, "rules": rules, "clean": clean, "note": note}))
