//! Faults: planted into clean files, noted with their places, and found again by a check.

mod examples;
mod found;
mod plot;
mod score;
