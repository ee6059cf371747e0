//! How Ctrl-C reaches a running program.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How urgently everything should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Go on.
    None,
    /// Please stop, and clean up.
    Stop,
    /// Now.
    Kill,
}

/// A token that is handed to everything that may have to stop. Clones share their state.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<Urgency>>);

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

impl Cancel {
    /// A token that nobody has used yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Urgency::None)))
    }

    /// Asks to stop; asked again, to stop now.
    pub fn request(&self) {
        self.0.send_modify(|urgency| {
            *urgency = match *urgency {
                Urgency::None => Urgency::Stop,
                Urgency::Stop | Urgency::Kill => Urgency::Kill,
            };
        });
    }

    /// What has been asked for so far.
    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// True once anybody asked to stop.
    pub fn is_requested(&self) -> bool {
        self.urgency() > Urgency::None
    }

    /// Waits until it is more urgent than `known`.
    pub async fn beyond(&self, known: Urgency) -> Urgency {
        let mut receiver = self.0.subscribe();
        match receiver.wait_for(|urgency| *urgency > known).await {
            Ok(urgency) => *urgency,
            // The sender lives as long as `self`.
            Err(_) => std::future::pending().await,
        }
    }

    /// Turns each SIGINT, SIGTERM and SIGHUP that reaches this program into a request, for as long as
    /// it is polled. SIGHUP too: a closed terminal must not leave a virtual machine behind.
    pub async fn follow_signals(&self) -> io::Result<std::convert::Infallible> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            self.request();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_request_is_more_urgent_and_reaches_clones() {
        let cancel = Cancel::new();
        let clone = cancel.clone();
        assert_eq!(clone.urgency(), Urgency::None);
        cancel.request();
        assert_eq!(clone.beyond(Urgency::None).await, Urgency::Stop);
        cancel.request();
        assert_eq!(clone.beyond(Urgency::Stop).await, Urgency::Kill);
        cancel.request();
        assert_eq!(clone.urgency(), Urgency::Kill);
    }
}
