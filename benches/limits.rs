//! What this machine gives at most, on one core: the limits that the figures of `check.py` stand against.
//!
//! ```sh
//! rustc --edition 2024 -O -C target-cpu=native benches/limits.rs -o /tmp/limits && /tmp/limits FILE
//! ```
//!
//! Each line is the best of five: reading a file from the page cache into one warm block, looking for line feeds in it, cutting it
//! into lines and fields without judging any, copying memory, and writing as many bytes into a new file.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::time::Instant;

const BLOCK: usize = 512 << 10;

fn best(name: &str, bytes: u64, mut work: impl FnMut()) {
    let seconds = (0..5).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    let least = seconds.fold(f64::INFINITY, f64::min);
    println!("{name:<44} {:6.2} GB/s", bytes as f64 / least / 1e9);
}

fn blocks(path: &str, mut visit: impl FnMut(&[u8])) {
    let mut file = File::open(path).expect("the file is there");
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).expect("the file can be read");
        if read == 0 {
            break;
        }
        visit(&block[..read]);
    }
}

fn main() {
    let path = std::env::args().nth(1).expect("name a CSV file, best of a gigabyte");
    let bytes = std::fs::metadata(&path).expect("the file is there").len();
    blocks(&path, |block| {
        black_box(block);
    });
    best("read from the page cache", bytes, || {
        blocks(&path, |block| {
            black_box(block);
        });
    });
    best("read, and count line feeds", bytes, || {
        let mut lines = 0_u64;
        blocks(&path, |block| {
            // Counted in bytes by the vector units, summed every 255 steps at most.
            for piece in block.chunks(255 * 64) {
                lines +=
                    piece.chunks(64).map(|step| step.iter().filter(|byte| **byte == b'\n').count() as u64).sum::<u64>();
            }
        });
        black_box(lines);
    });
    best("read, and cut at every comma and line feed", bytes, || {
        let mut ends: Vec<u32> = Vec::with_capacity(BLOCK);
        blocks(&path, |block| {
            ends.clear();
            for (at, step) in block.chunks(64).enumerate() {
                let mut mask = 0_u64;
                for (bit, byte) in step.iter().enumerate() {
                    mask |= u64::from(*byte == b',' || *byte == b'\n') << bit;
                }
                while mask != 0 {
                    ends.push((at * 64) as u32 + mask.trailing_zeros());
                    mask &= mask - 1;
                }
            }
            black_box(&ends);
        });
    });
    let from = vec![1_u8; 64 << 20];
    let mut to = vec![0_u8; 64 << 20];
    best("copy memory, 64 MiB", 64 << 20, || {
        to.copy_from_slice(black_box(&from));
        black_box(&to);
    });
    let target = std::env::temp_dir().join(format!("karat-limits-{}", std::process::id()));
    best("write a new file of 1 GB, 512 KiB at a time", 1_000_000_000, || {
        let mut file = File::create(&target).expect("the temporary folder can be written");
        for _ in 0..1_000_000_000 / BLOCK {
            file.write_all(&from[..BLOCK]).expect("the disk has room");
        }
    });
    let _ = std::fs::remove_file(&target);
}
