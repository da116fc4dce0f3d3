//! Distributions: fractions to numbers, the same on every platform (`libm` and basic arithmetic alone).

use crate::generate::alias::Alias;
use crate::generate::random::Draws;
use crate::model::generation::Distribution;

/// A distribution of real numbers, made ready.
#[derive(Debug, Clone)]
pub enum Real {
    Normal {
        mean: f64,
        stddev: f64,
    },
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    /// Counted from the minimum.
    Exponential {
        mean: f64,
    },
    Histogram {
        bins: Alias,
        edges: Vec<(f64, f64)>,
    },
}

impl Real {
    /// Prepares a distribution; `None` for those that are not of real numbers (uniform, zipf).
    ///
    /// # Errors
    /// In words, where its parameters are wrong.
    pub fn new(distribution: &Distribution) -> Result<Option<Self>, String> {
        let positive = |name: &str, value: f64| {
            if value.is_finite() && value > 0.0 { Ok(()) } else { Err(format!("the {name} must be above 0")) }
        };
        let finite = |name: &str, value: f64| {
            if value.is_finite() { Ok(()) } else { Err(format!("the {name} must be a number")) }
        };
        Ok(Some(match distribution {
            Distribution::Uniform | Distribution::Zipf { .. } => return Ok(None),
            Distribution::Normal { mean, stddev } => {
                finite("mean", *mean)?;
                positive("standard deviation", *stddev)?;
                Self::Normal { mean: *mean, stddev: *stddev }
            }
            Distribution::Lognormal { mu, sigma } => {
                finite("mu", *mu)?;
                positive("sigma", *sigma)?;
                Self::Lognormal { mu: *mu, sigma: *sigma }
            }
            Distribution::Exponential { mean } => {
                positive("mean", *mean)?;
                Self::Exponential { mean: *mean }
            }
            Distribution::Histogram(rows) => {
                let ordered = |(from, to, _): &(f64, f64, f64)| from.is_finite() && to.is_finite() && from <= to;
                if !rows.iter().all(ordered) {
                    return Err("each bin of a histogram goes from a number to one that is not below it".to_owned());
                }
                let weights: Vec<f64> = rows.iter().map(|(_, _, weight)| *weight).collect();
                let bins = Alias::new(&weights).ok_or("the weights of a histogram must be 0 or more, and not all 0")?;
                Self::Histogram { bins, edges: rows.iter().map(|(from, to, _)| (*from, *to)).collect() }
            }
        }))
    }

    /// Draws a number.
    #[inline]
    pub fn draw(&self, draws: &mut Draws) -> f64 {
        match self {
            Self::Normal { mean, stddev } => mean + stddev * normal_quantile(open(draws)),
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(open(draws))),
            Self::Exponential { mean } => -mean * libm::log(open(draws)),
            Self::Histogram { bins, edges } => {
                let (from, to) = edges[bins.pick(draws.bits())];
                from + (to - from) * draws.fraction()
            }
        }
    }

    /// Tells whether numbers are counted from the minimum of what is drawn.
    #[must_use]
    pub const fn from_minimum(&self) -> bool {
        matches!(self, Self::Exponential { .. })
    }

    /// Tells whether a draw is rounded down to its unit (bins) and not to the nearest.
    #[must_use]
    pub const fn floors(&self) -> bool {
        matches!(self, Self::Histogram { .. })
    }
}

/// Draws a fraction above 0 and below 1.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
const fn open(draws: &mut Draws) -> f64 {
    ((draws.bits() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
}

/// Gives the number below which a standard normal variable stays with this probability, to about 16 digits
/// (Wichura 1988, algorithm AS 241, PPND16).
#[must_use]
#[inline]
pub fn normal_quantile(probability: f64) -> f64 {
    let q = probability - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE);
    }
    let tail = if q < 0.0 { probability } else { 1.0 - probability };
    let r = libm::sqrt(-libm::log(tail));
    let value = if r <= 5.0 { ratio(r - 1.6, &MIDDLE) } else { ratio(r - 5.0, &TAIL) };
    if q < 0.0 { -value } else { value }
}

/// Numerator and denominator, lowest power first.
type Ratio = [[f64; 8]; 2];

#[inline]
fn ratio(x: f64, [above, below]: &Ratio) -> f64 {
    let polynomial = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * x + term);
    polynomial(above) / polynomial(below)
}

const CENTRE: Ratio = [
    [
        3.387_132_872_796_366_6,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];

const MIDDLE: Ratio = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

const TAIL: Ratio = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "test figures are small")]
mod tests {
    use super::*;

    /// Gives the greatest distance between the draws and a distribution function, times the root of their number.
    fn distance(real: &Real, function: impl Fn(f64) -> f64) -> f64 {
        let rows = 100_000;
        let mut draws = Draws::new(11);
        let mut values: Vec<f64> = (0..rows).map(|_| real.draw(&mut draws)).collect();
        values.sort_unstable_by(f64::total_cmp);
        let gap = |(index, value): (usize, &f64)| {
            let (low, high) = (index as f64 / f64::from(rows), (index + 1) as f64 / f64::from(rows));
            (function(*value) - low).abs().max((function(*value) - high).abs())
        };
        values.iter().enumerate().map(gap).fold(0.0, f64::max) * f64::from(rows).sqrt()
    }

    fn normal(value: f64) -> f64 {
        0.5 * libm::erfc(-value / std::f64::consts::SQRT_2)
    }

    #[test]
    fn quantiles_are_the_inverse_of_the_distribution() {
        for step in 1..2000 {
            let probability = f64::from(step) / 2000.0;
            assert!((normal(normal_quantile(probability)) - probability).abs() < 1e-14, "{probability}");
        }
        for (probability, value) in [(0.975, 1.959_963_984_540_054), (1e-10, -6.361_340_902_404_056)] {
            assert!((normal_quantile(probability) - value).abs() < 1e-12);
        }
        // Far out in the tail.
        assert!((normal(normal_quantile(1e-20)) / 1e-20 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn draws_follow_their_laws_by_kolmogorov_smirnov() {
        // 99.9 % of the Kolmogorov distribution.
        const LIMIT: f64 = 1.95;
        let real = |distribution| Real::new(&distribution).unwrap().unwrap();
        let bell = real(Distribution::Normal { mean: 10.0, stddev: 3.0 });
        assert!(distance(&bell, |value| normal((value - 10.0) / 3.0)) < LIMIT);
        let skewed = real(Distribution::Lognormal { mu: 1.0, sigma: 0.5 });
        assert!(distance(&skewed, |value| normal((libm::log(value) - 1.0) / 0.5)) < LIMIT);
        let waiting = real(Distribution::Exponential { mean: 4.0 });
        assert!(distance(&waiting, |value| 1.0 - libm::exp(-value / 4.0)) < LIMIT);
        let bins = real(Distribution::Histogram(vec![(0.0, 1.0, 3.0), (1.0, 5.0, 1.0)]));
        let law = |value: f64| if value < 1.0 { 0.75 * value } else { 0.75 + 0.25 * (value - 1.0) / 4.0 };
        assert!(distance(&bins, law) < LIMIT);
    }

    #[test]
    fn wrong_parameters_are_refused() {
        assert!(Real::new(&Distribution::Normal { mean: 0.0, stddev: 0.0 }).is_err());
        assert!(Real::new(&Distribution::Histogram(vec![(1.0, 0.0, 1.0)])).is_err());
        assert!(Real::new(&Distribution::Uniform).unwrap().is_none());
    }
}
