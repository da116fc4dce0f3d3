"""qsv: `fixlengths` (else a short row stops it), then `validate` with a JSON Schema. It writes the clean rows too."""

import json
import os
import re
import subprocess

from common import EMAIL, STATUS, Call, answer, whole

call = Call()
qsv = os.environ["QSV_PROGRAM"]
schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "customer_id": {"type": ["integer", "null"]},
        "amount": {"type": "number", "minimum": 0, "not": {"const": 0}},
        "sku": {"type": ["string", "null"], "pattern": whole(call.sku)},
        "name": {"type": "string"},
        "email": {"type": ["string", "null"], "pattern": whole(EMAIL)},
        "order_date": {"type": ["string", "null"], "format": "date"},
        "status": {"type": "string", "enum": STATUS},
    },
}
if call.unique:
    schema["uniqueCombinedWith"] = ["id"]
(call.out / "schema.json").write_text(json.dumps(schema))
padded = call.output("orders.csv")
subprocess.run([qsv, "fixlengths", call.file("orders.csv"), "-o", padded], check=True)
validate = [qsv, "validate", "-j", str(call.threads), padded, call.output("schema.json")]
said = subprocess.run(validate, stderr=subprocess.PIPE, text=True).stderr
wrong, rows = (int(n.replace(",", "")) for n in re.search(r"([\d,]+) out of ([\d,]+) records invalid", said).groups())
os.rename(f"{padded}.invalid", call.output("rejects.csv"))

KINDS = [
    ("\tid\tnull", "id.required"),
    ("\tid\t", "id.minimum"),
    ("key: id,", "id.type"),
    ("columns id is not unique", "id.unique"),
    ("key: amount,", "amount.type"),
    ("\tamount\t", "amount.not_values"),
    ("\tsku\t", "sku.pattern"),
    ("\temail\t", "email.pattern"),
    ("\torder_date\t", "order_date.type"),
    ("\tstatus\tnull is not of", "record"),
    ("\tstatus\t", "status.accepted_values"),
]
rules = {}
with open(f"{padded}.validation-errors.tsv") as errors:
    for line in errors:
        if line[0].isdigit():
            rule = next((rule for part, rule in KINDS if part in line), None)
            rules[rule] = rules.get(rule, 0) + 1
clean = None
if call.load:
    clean = rows - wrong
answer(
    rows,
    wrong,
    rules,
    clean,
    "two programs in turn; names the later of two equal ids only; a missing status breaks accepted_values too; numbers"
    " are floats; always writes the clean rows",
)
