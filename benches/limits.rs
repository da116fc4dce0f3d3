//! What this machine gives at most: the limits that the figures of `check.py` stand against.
//!
//! ```sh
//! rustc --edition 2024 -O -C target-cpu=native benches/limits.rs -o /tmp/limits && /tmp/limits FILE
//! ```
//!
//! Reading a file from the page cache into one warm block, looking for line feeds in it, cutting it into lines and fields without
//! judging any, copying memory, and writing as many bytes into a new file; arithmetic alone besides. Each line is the best of five on
//! one core, and of five on two cores that have nothing in common but the machine: what the second one adds.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::Mutex;
use std::time::Instant;

const BLOCK: usize = 512 << 10;

/// Prints the rate of a work that takes so many bytes, on one core and on two; `work` is told which one it is on.
fn best(name: &str, bytes: u64, work: impl Fn(usize) + Sync) {
    let least = |workers: usize| {
        let seconds = (0..5).map(|_| {
            let start = Instant::now();
            std::thread::scope(|scope| {
                for worker in 0..workers {
                    let work = &work;
                    scope.spawn(move || work(worker));
                }
            });
            start.elapsed().as_secs_f64()
        });
        seconds.fold(f64::INFINITY, f64::min)
    };
    let (one, two) = (least(1), least(2));
    println!("{name:<44} {:6.2} GB/s   two cores {:4.2} times as much", bytes as f64 / one / 1e9, 2.0 * one / two);
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
    best("read from the page cache", bytes, |_| {
        blocks(&path, |block| {
            black_box(block);
        });
    });
    best("read, and count line feeds", bytes, |_| {
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
    best("read, and cut at every comma and line feed", bytes, |_| {
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
    let to = [(); 2].map(|()| Mutex::new(vec![0_u8; 64 << 20]));
    best("copy memory, 64 MiB", 64 << 20, |worker| {
        let mut to = to[worker].lock().expect("is free");
        to.copy_from_slice(black_box(&from));
        black_box(&to);
    });
    best("arithmetic, 8 bytes a step", 1 << 30, |_| {
        let mut word = 88_172_645_463_325_252_u64;
        for _ in 0..1 << 27 {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
        }
        black_box(word);
    });
    let target = |worker| std::env::temp_dir().join(format!("karat-limits-{}-{worker}", std::process::id()));
    best("write a new file of 1 GB, 512 KiB at a time", 1_000_000_000, |worker| {
        let mut file = File::create(target(worker)).expect("the temporary folder can be written");
        for _ in 0..1_000_000_000 / BLOCK {
            file.write_all(&from[..BLOCK]).expect("the disk has room");
        }
    });
    (0..2).for_each(|worker| drop(std::fs::remove_file(target(worker))));
}
