//! Alias table: one of many choices by weight, in one draw (Walker 1977, Vose 1991).

use crate::generate::random::below;

/// Choices with weights.
#[derive(Debug, Clone)]
pub struct Alias {
    /// For each choice: where the low 64 bits of the draw stay below the threshold it is taken, else its alias.
    cells: Vec<(u64, u32)>,
}

impl Alias {
    /// Makes the table of weights that are finite and not negative. `None` where they are not, or all are 0, or there
    /// are more than 2^31.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the number of choices is below 2^53")]
    pub fn new(weights: &[f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let usable = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        if !usable || !total.is_finite() || total <= 0.0 || weights.len() > 1 << 31 {
            return None;
        }
        let mut shares: Vec<f64> = weights.iter().map(|weight| weight / total * weights.len() as f64).collect();
        let mut cells: Vec<(u64, u32)> = (0u32..).take(weights.len()).map(|index| (u64::MAX, index)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..shares.len()).partition(|at| shares[*at] < 1.0);
        while let (Some(less), Some(more)) = (small.pop(), large.last().copied()) {
            cells[less] = (threshold(shares[less]), u32::try_from(more).unwrap_or(u32::MAX));
            shares[more] -= 1.0 - shares[less];
            if shares[more] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        // What is left differs from 1 by rounding alone, unless it weighs nothing.
        if let Some(heaviest) = (0..weights.len()).max_by(|a, b| weights[*a].total_cmp(&weights[*b])) {
            let heaviest = u32::try_from(heaviest).unwrap_or(u32::MAX);
            for at in (0..weights.len()).filter(|at| weights[*at] == 0.0) {
                let (_, alias) = cells[at];
                let itself = usize::try_from(alias).is_ok_and(|alias| alias == at);
                cells[at] = (0, if itself { heaviest } else { alias });
            }
        }
        Some(Self { cells })
    }

    /// Picks the choice of 64 drawn bits.
    #[must_use]
    #[inline]
    pub fn pick(&self, bits: u64) -> usize {
        let product = u128::from(bits) * self.cells.len() as u128;
        let index = usize::try_from(product >> 64).unwrap_or(0);
        debug_assert_eq!(index as u64, below(bits, self.cells.len() as u64));
        let (threshold, alias) = self.cells[index];
        #[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked")]
        let low = product as u64;
        if low < threshold { index } else { alias as usize }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as it should")]
fn threshold(share: f64) -> u64 {
    (share * 18_446_744_073_709_551_616.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::random::Draws;

    #[test]
    fn choices_come_as_often_as_they_weigh() {
        let weights = [5.0, 0.0, 1.0, 3.0, 0.5, 0.5, 0.0];
        let alias = Alias::new(&weights).unwrap();
        let mut counts = [0.0; 7];
        let mut draws = Draws::new(1);
        let rows = 200_000;
        for _ in 0..rows {
            counts[alias.pick(draws.bits())] += 1.0;
        }
        assert_eq!((counts[1], counts[6]), (0.0, 0.0));
        let chi: f64 = (0..7)
            .filter(|at| weights[*at] > 0.0)
            .map(|at| (weights[at] / 10.0 * f64::from(rows), counts[at]))
            .map(|(expected, seen): (f64, f64)| (seen - expected) * (seen - expected) / expected)
            .sum();
        // 99.9 % of chi-square with 4 degrees of freedom.
        assert!(chi < 18.5, "{chi}");
    }

    #[test]
    fn wrong_weights_make_no_table() {
        assert!(Alias::new(&[]).is_none());
        assert!(Alias::new(&[0.0, 0.0]).is_none());
        assert!(Alias::new(&[1.0, -1.0]).is_none());
        assert!(Alias::new(&[f64::NAN]).is_none());
        assert_eq!(Alias::new(&[2.0]).unwrap().pick(u64::MAX), 0);
    }
}
