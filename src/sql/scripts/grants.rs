//! Grants: who may read the tables and who may load them. Roles are named, never made.

use crate::model::{Contract, Result};
use crate::sql::identifier;
use crate::sql::scripts::options::{Options, Warehouse};
use crate::sql::scripts::plan::Plan;
use crate::sql::scripts::text::Page;

/// Writes the grants on all tables of a contract.
///
/// # Errors
/// A usage error where the warehouse cannot hold a name.
pub fn text(contract: &Contract, warehouse: Warehouse, options: &Options) -> Result<String> {
    super::check(contract, warehouse, options)?;
    let rule = options.names(warehouse);
    let spell = |names: &[String], stand_in: &str| -> Result<Vec<String>> {
        let given: Vec<String> = if names.is_empty() { vec![stand_in.to_owned()] } else { names.to_vec() };
        given.iter().map(|name| rule.spell(name).map(|name| identifier(&name))).collect()
    };
    let (readers, loaders) = (spell(&options.readers, "<reader>")?, spell(&options.loaders, "<loader>")?);
    let plans = contract.tables.iter().map(|table| Plan::new(warehouse, table, options)).collect::<Result<Vec<_>>>()?;
    let public = if warehouse == Warehouse::Snowflake { "PUBLIC" } else { "public" };
    let schema = plans.first().and_then(|plan| plan.schema.clone()).unwrap_or_else(|| identifier(public));
    let mut page = Page::default();
    page.say(["karat: who may read the tables, and who may load them"]);
    let missing = [(options.readers.is_empty(), "<reader>"), (options.loaders.is_empty(), "<loader>")];
    let missing: Vec<&str> = missing.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if !missing.is_empty() {
        page.say([format!("Fill in: {} (--role reader=NAME, --role loader=NAME).", missing.join(", "))]);
    }
    page.say(["Roles must be there: CREATE ROLE \"name\";"]);
    page.say(match warehouse {
        Warehouse::Redshift => [
            "The loader makes and owns the tables: ANALYZE wants the owner. For COPY it needs the IAM role too:",
            "  GRANT ASSUMEROLE ON '<arn of the role>' TO ROLE \"name\" FOR COPY;",
        ],
        Warehouse::Snowflake => [
            "Both need USAGE on the database, the loader also on a warehouse and on the stage or integration:",
            "  GRANT USAGE ON INTEGRATION \"NAME\" TO ROLE \"NAME\";",
        ],
    });
    let history = plans.first().map(|plan| plan.history.clone());
    for reader in &readers {
        page.step(&format!("{} reads.", crate::sql::scripts::text::shown(reader)));
        page.run(&format!("GRANT USAGE ON SCHEMA {schema} TO ROLE {reader};"));
        for plan in &plans {
            page.run(&format!("GRANT SELECT ON TABLE {schema}.{} TO ROLE {reader};", plan.target));
        }
    }
    for loader in &loaders {
        page.step(&format!("{} loads.", crate::sql::scripts::text::shown(loader)));
        let create =
            if warehouse == Warehouse::Snowflake { "USAGE, CREATE TABLE, CREATE STAGE" } else { "USAGE, CREATE" };
        page.run(&format!("GRANT {create} ON SCHEMA {schema} TO ROLE {loader};"));
        for table in plans.iter().map(|plan| &plan.target).chain(&history) {
            page.run(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE {schema}.{table} TO ROLE {loader};"));
        }
    }
    Ok(page.text())
}
