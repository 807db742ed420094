//! Whether comparing or reading a secret takes another time when it is right: Welch's t for each, and for a comparison
//! that stops early, which shows that a leak would be found. `cargo bench -p mpos-host --bench timing`. Above about 5 the
//! classes differ, whatever the cause; `host/tests/timing/main.rs` is the same as a test.

#[path = "../tests/timing/measure.rs"]
mod measure;
#[path = "../tests/timing/subjects.rs"]
mod subjects;

use subjects::{LEAKS, SUBJECTS};

/// Measurements of each function.
const SAMPLES: usize = 100_000;

fn main() {
    println!("{:>10}  {SAMPLES} measurements of each", "|t|");
    for (name, subject) in [LEAKS].iter().chain(SUBJECTS).chain(&[LEAKS]) {
        println!("{:>10.1}  {name}", subject(SAMPLES));
    }
}
