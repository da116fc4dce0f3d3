//! The way back: takes one load out again, and gives back what it took away.

use crate::sql::scripts::ddl;
use crate::sql::scripts::options::{Options, Warehouse};
use crate::sql::scripts::plan::Plan;
use crate::sql::scripts::steps::this_load;
use crate::sql::scripts::text::{Page, demand, list, shown};

/// Writes the rollback script.
pub(super) fn text(plan: &Plan<'_>, options: &Options) -> String {
    let mut page = Page::default();
    let id = options.load_id();
    page.say([
        format!("karat: takes load {id} out of {} again", shown(&plan.table.name)),
        "Run it so that it stops at the first error. Rows of other loads stay as they are.".to_owned(),
    ]);
    if options.load_id.is_none() {
        page.say(["Fill in: <load_id> (--load-id)."]);
    }
    ddl::schema(&mut page, plan);
    page.step("From here on all or nothing.");
    page.run("BEGIN;");
    if plan.warehouse == Warehouse::Redshift {
        page.run(&format!("LOCK {};", plan.history));
    }
    let this_load = this_load(plan, options);
    page.step("Stops where the load is not there.");
    page.run(&demand("COUNT(*) = 1", &format!("load {id} is {{}} times in the history"), &this_load));
    page.step("Stops where a later load has replaced or deleted rows of this one: take that one out first.");
    let here = format!("{} WHERE {} = '{id}'", plan.target, plan.load_id);
    let rows = plan.own("rows_loaded", options.exact_names);
    let all = format!("COUNT(*) = (SELECT MAX({rows}) FROM {this_load})");
    page.run(&demand(&all, "only {} rows of this load are left: a later load took the others", &here));
    page.step("The rows of the load go.");
    page.run(&format!("DELETE FROM {here};"));
    if let Some(old) = &plan.old {
        let list = list(&plan.all_columns(), "  ");
        page.step("The rows it took away come back.");
        page.run(&format!("INSERT INTO {} ({list})\nSELECT {list}\nFROM {old};", plan.target));
    }
    page.run(&format!("DELETE FROM {this_load};"));
    page.run("COMMIT;");
    if let Some(old) = &plan.old {
        page.run(&format!("DROP TABLE {old};"));
    }
    page.text()
}
