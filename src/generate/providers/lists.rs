//! The word lists of the locales, compiled in: `data/<locale>/<list>.txt`, an entry a line, behind a tab its weight.

use std::sync::OnceLock;

use crate::model::Locale;

/// One locale's lists as text.
#[derive(Debug)]
pub struct Lists {
    /// Names and weights.
    pub males: &'static str,
    pub females: &'static str,
    pub last_names: &'static str,
    /// City, code of its region, start of its postcode, weight.
    pub places: &'static str,
    /// Code (the part of ISO 3166-2 behind the country) and name.
    pub regions: &'static str,
    /// Names without `Street` and the like, and these with their weights.
    pub streets: &'static str,
    pub street_types: &'static str,
    /// What stands behind a company's name, with weights.
    pub company_forms: &'static str,
    /// Common words for text.
    pub words: &'static str,
    pub jobs: &'static str,
}

/// The lists of one locale from its folder; British English shares the words of American English.
macro_rules! folder {
    ($names:literal, $words:literal) => {
        Lists {
            males: include_str!(concat!("data/", $names, "/first_names_male.txt")),
            females: include_str!(concat!("data/", $names, "/first_names_female.txt")),
            last_names: include_str!(concat!("data/", $names, "/last_names.txt")),
            places: include_str!(concat!("data/", $names, "/places.txt")),
            regions: include_str!(concat!("data/", $names, "/regions.txt")),
            streets: include_str!(concat!("data/", $names, "/streets.txt")),
            street_types: include_str!(concat!("data/", $names, "/street_types.txt")),
            company_forms: include_str!(concat!("data/", $names, "/company_forms.txt")),
            words: include_str!(concat!("data/", $words, "/words.txt")),
            jobs: include_str!(concat!("data/", $words, "/jobs.txt")),
        }
    };
}

static EN_US: Lists = folder!("en_US", "en_US");
static EN_GB: Lists = folder!("en_GB", "en_US");
static DE_DE: Lists = folder!("de_DE", "de_DE");
static FR_FR: Lists = folder!("fr_FR", "fr_FR");
static ES_ES: Lists = folder!("es_ES", "es_ES");

/// Code, currency, and the name in English, German, French and Spanish, of each country of ISO 3166-1.
pub const COUNTRIES: &str = include_str!("data/common/countries.txt");
pub const COLORS: &str = include_str!("data/common/colors.txt");
pub const DEPARTMENTS: &str = include_str!("data/common/departments.txt");
pub const PRODUCT_ADJECTIVES: &str = include_str!("data/common/product_adjectives.txt");
pub const PRODUCT_MATERIALS: &str = include_str!("data/common/product_materials.txt");
pub const PRODUCT_THINGS: &str = include_str!("data/common/product_things.txt");

/// Gives a locale's lists.
#[must_use]
pub fn of(locale: Locale) -> &'static Lists {
    match locale {
        Locale::EnUs => &EN_US,
        Locale::EnGb => &EN_GB,
        Locale::DeDe => &DE_DE,
        Locale::FrFr => &FR_FR,
        Locale::EsEs => &ES_ES,
    }
}

/// Something made once for each locale that asks for it.
#[derive(Debug)]
pub struct PerLocale<T>([OnceLock<T>; 5]);

impl<T> PerLocale<T> {
    /// Makes nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self([const { OnceLock::new() }; 5])
    }

    /// Gives what belongs to a locale.
    pub fn of(&self, locale: Locale, make: impl FnOnce(Locale) -> T) -> &T {
        let slot = match locale {
            Locale::EnUs => &self.0[0],
            Locale::EnGb => &self.0[1],
            Locale::DeDe => &self.0[2],
            Locale::FrFr => &self.0[3],
            Locale::EsEs => &self.0[4],
        };
        slot.get_or_init(|| make(locale))
    }
}

/// Folds text to lower-case ASCII letters, digits and hyphens, as in addresses: `Müller` in German is `mueller`.
#[must_use]
pub fn fold(text: &str, locale: Locale) -> String {
    let german = locale == Locale::DeDe;
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' | '-' => folded.push(c),
            ' ' | '_' => folded.push('-'),
            'ä' if german => folded.push_str("ae"),
            'ö' if german => folded.push_str("oe"),
            'ü' if german => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' | 'ı' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ş' => folded.push('s'),
            'ğ' => folded.push('g'),
            _ => {}
        }
    }
    folded.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::providers::pool::entries;
    use crate::model::generation::LOCALES;

    #[test]
    fn folds_to_ascii() {
        assert_eq!(fold("Müller-Öztürk", Locale::DeDe), "mueller-oeztuerk");
        assert_eq!(fold("Müller", Locale::FrFr), "muller");
        assert_eq!(fold("O'Connor", Locale::EnGb), "oconnor");
        assert_eq!(fold("Ávila y Peña", Locale::EsEs), "avila-y-pena");
    }

    #[test]
    fn lists_are_clean() {
        for (name, locale) in LOCALES {
            let lists = of(*locale);
            let all = [
                lists.males,
                lists.females,
                lists.last_names,
                lists.streets,
                lists.street_types,
                lists.company_forms,
                lists.words,
                lists.jobs,
            ];
            for list in all {
                let mut seen: Vec<&str> = entries(list).map(|(text, _)| text).collect();
                assert!(seen.iter().all(|text| !text.is_empty() && text.trim() == *text), "{name}");
                assert!(!list.contains([',', '"', '\r', '\\']), "{name}");
                let count = seen.len();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), count, "{name} repeats an entry");
            }
            for (text, weight) in [lists.males, lists.females, lists.last_names].into_iter().flat_map(entries) {
                assert!(weight > 0, "{name} {text}");
                assert!(!text.contains(' ') && fold(text, *locale).len() > 1, "{name} {text}");
            }
            for word in lists.words.lines() {
                assert!(fold(word, *locale).bytes().all(|byte| byte.is_ascii_lowercase()), "{name} {word}");
            }
        }
    }

    #[test]
    fn each_region_of_a_place_is_listed() {
        for (name, locale) in LOCALES {
            let lists = of(*locale);
            for place in lists.places.lines() {
                let fields: Vec<&str> = place.split('\t').collect();
                assert_eq!(fields.len(), 4, "{name} {place}");
                assert!(fields[3].parse::<u64>().is_ok_and(|weight| weight > 0), "{name} {place}");
                let found = lists.regions.lines().any(|region| region.starts_with(&format!("{}\t", fields[1])));
                assert!(found, "{name} {place}");
            }
        }
    }
}
