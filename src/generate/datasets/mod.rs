//! Datasets: contracts that are ready to generate, by name; one YAML file each, in `rules/`.

/// A contract that comes with the program.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// As the command line takes it.
    pub name: &'static str,
    /// What it makes, one line.
    pub doc: &'static str,
    /// The file it is kept in, below `rules/`: what a copy is called.
    pub file: &'static str,
    /// The contract as YAML.
    pub yaml: &'static str,
}

/// All presets, in alphabetical order.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "claims",
        doc: "treatments, invoices, their items and claims of a clinic, with the faults of billing systems",
        file: "claims.yaml",
        yaml: include_str!("../../../rules/claims.yaml"),
    },
    Preset {
        name: "products-500k",
        doc: "500,000 products: 466,693 different SKUs, 222,024 different names, line breaks in descriptions",
        file: "products.yaml",
        yaml: include_str!("../../../rules/products.yaml"),
    },
    Preset {
        name: "retail",
        doc: "customers, 64 products, and transactions with nested baskets in day folders",
        file: "retail.yaml",
        yaml: include_str!("../../../rules/retail.yaml"),
    },
    Preset {
        name: "tpch-supplier",
        doc: "nation and supplier in the shapes of TPC-H, `|`-delimited `.tbl` files",
        file: "supplier.yaml",
        yaml: include_str!("../../../rules/supplier.yaml"),
    },
];

/// Finds a preset's contract by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|preset| preset.name == name).map(|preset| preset.yaml)
}

/// Names all presets, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|preset| preset.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use crate::model::generation::{Distribution, Origin, Rows};

    #[test]
    fn presets_are_contracts() {
        assert!(names().is_sorted());
        for preset in PRESETS {
            let contract = contract::read(find(preset.name).unwrap()).unwrap_or_else(|complaints| {
                panic!("{}", contract::diagnose::render(preset.file, preset.yaml, &complaints, false))
            });
            assert!(contract.tables.iter().all(|table| table.generation.rows.is_some()), "{}", preset.name);
        }
        assert_eq!(find("retial"), None);
    }

    #[test]
    fn the_shop_has_its_catalogue() {
        let shop = contract::read(find("retail").unwrap()).unwrap();
        let products = shop.table("products").unwrap();
        assert_eq!(products.generation.rows, Some(Rows::Fixed(64)));
        let from = |column: usize| products.columns[column].generation.as_ref().unwrap().from.clone().unwrap();
        let (Origin::Values(names), Origin::Values(categories)) = (from(1), from(2)) else { panic!() };
        assert_eq!((names.len(), categories.len()), (64, 64));
        let different: std::collections::BTreeSet<_> = names.iter().flatten().collect();
        assert_eq!(different.len(), 64);
        let categories: std::collections::BTreeSet<_> = categories.iter().flatten().collect();
        assert_eq!(categories.len(), 6);
        assert!(shop.faults.is_empty());
    }

    #[test]
    fn the_products_have_their_counts() {
        let catalogue = contract::read(find("products-500k").unwrap()).unwrap();
        let products = catalogue.table("products").unwrap();
        assert_eq!(products.generation.rows, Some(Rows::Count(500_000)));
        let of = |column: usize| products.columns[column].generation.as_ref().unwrap();
        assert_eq!((of(0).distinct, of(1).distinct), (Some(222_024), Some(466_693)));
        assert_eq!(of(0).distribution, Some(Distribution::Zipf { exponent: 0.48 }));
    }
}
