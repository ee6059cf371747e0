//! Several futures on one thread, all of them to their end.
//!
//! Not a task each: children are told to die with the thread that started them, and what the futures
//! borrow lives on the caller's stack.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

enum Slot<F: Future> {
    Going(Pin<Box<F>>),
    Ended(F::Output),
}

/// The results in the order of the futures. One that fails or is slow does not hold up the others.
pub(crate) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures
        .into_iter()
        .map(|future| Slot::Going(Box::pin(future)))
        .collect();
    poll_fn(|context| {
        let mut ended = true;
        for slot in &mut slots {
            let Slot::Going(future) = slot else { continue };
            match future.as_mut().poll(context) {
                Poll::Ready(output) => *slot = Slot::Ended(output),
                Poll::Pending => ended = false,
            }
        }
        if ended { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    slots
        .into_iter()
        .filter_map(|slot| match slot {
            Slot::Ended(output) => Some(output),
            Slot::Going(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::all;

    #[tokio::test]
    async fn the_slowest_decides_and_the_order_stays() {
        let began = Instant::now();
        let results = all([300, 100, 200].map(|milliseconds| async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            milliseconds
        }))
        .await;
        assert_eq!(results, [300, 100, 200]);
        assert!(
            began.elapsed() < Duration::from_millis(550),
            "one after the other"
        );
    }

    #[tokio::test]
    async fn none_are_done_at_once() {
        assert!(all(Vec::<std::future::Ready<()>>::new()).await.is_empty());
    }
}
