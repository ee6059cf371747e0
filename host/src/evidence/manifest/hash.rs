//! Digests of files, by a few threads that read what the walk has opened.

use std::fs::File;
use std::io::Read as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest, Sha256};

use super::Sha256Digest;

/// Hashing is bound by the processor; more threads than this only compete for the disk.
const MOST_THREADS: usize = 4;
/// Opened files that wait for a thread. With the directories that are open, far below the usual limit of 1024.
const WAITING: usize = 64;
/// Bytes that a thread has in memory.
const BUFFER: usize = 256 << 10;

/// A file that was opened and found to be an ordinary one.
pub(super) struct Job {
    /// Place among all files.
    pub(super) number: usize,
    /// At its beginning.
    pub(super) file: File,
    /// Bytes that it said it has.
    pub(super) size: u64,
}

/// Digest, or why there is none.
pub(super) type Outcome = Result<Sha256Digest, std::io::Error>;

/// Runs `walk`, which hands out jobs, and returns what it returns with the digests by number.
pub(super) fn all<T>(walk: impl FnOnce(&SyncSender<Job>) -> T) -> (T, Vec<(usize, Outcome)>) {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS);
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&receiver))).collect();
        let result = walk(&sender);
        drop(sender);
        let outcomes = workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .flatten()
            .collect();
        (result, outcomes)
    })
}

fn work(jobs: &Mutex<Receiver<Job>>) -> Vec<(usize, Outcome)> {
    let mut outcomes = Vec::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return outcomes };
        outcomes.push((job.number, digest(job, &mut buffer)));
    }
}

fn digest(mut job: Job, buffer: &mut [u8]) -> Outcome {
    let mut hasher = Sha256::new();
    let mut read = 0_u64;
    loop {
        match job.file.read(buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(buffer.get(..count).unwrap_or_default());
                read = read.saturating_add(count as u64);
                // A file that somebody keeps writing to would never end.
                if read > job.size {
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if read != job.size {
        return Err(std::io::Error::other("it changed while it was read"));
    }
    Ok(Sha256Digest(hasher.finalize().into()))
}
