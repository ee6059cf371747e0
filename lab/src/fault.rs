//! Failures on purpose.

/// Makes requests fail that a cloud would have answered.
///
/// ```
/// # use sindri_lab::Fault;
/// // The second POST to a path with `/images` gets a 503.
/// let fault = Fault::refuse(503, "backendError").method("POST").path("/images").nth(2);
/// # let _ = fault;
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    cloud: Option<&'static str>,
    method: Option<&'static str>,
    path: Option<String>,
    skip: u32,
    times: u32,
    effect: Effect,
}

/// How a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing happens in the cloud.
    Refuse {
        /// Of the reply.
        status: u16,
        /// In the cloud's own words, for example `backendError`.
        code: String,
    },
    /// It is carried out, but the client gets an error instead of the reply.
    Lose {
        /// Of the reply.
        status: u16,
        /// As above.
        code: String,
    },
    /// The connection ends without a reply; nothing happens in the cloud.
    HangUp,
}

impl Fault {
    /// The next request fails, and nothing happens in the cloud.
    pub fn refuse(status: u16, code: &str) -> Self {
        let code = code.to_owned();
        Self::of(Effect::Refuse { status, code })
    }

    /// The next request is carried out, but its reply is an error.
    pub fn lose(status: u16, code: &str) -> Self {
        let code = code.to_owned();
        Self::of(Effect::Lose { status, code })
    }

    /// The connection of the next request ends.
    pub fn hang_up() -> Self {
        Self::of(Effect::HangUp)
    }

    fn of(effect: Effect) -> Self {
        Self {
            cloud: None,
            method: None,
            path: None,
            skip: 0,
            times: 1,
            effect,
        }
    }

    /// Counts only requests to this cloud.
    #[must_use]
    pub fn cloud(mut self, name: &'static str) -> Self {
        self.cloud = Some(name);
        self
    }

    /// Counts only requests of this method.
    #[must_use]
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Counts only requests whose path or query contains this text.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// The first that fails, counted from 1.
    #[must_use]
    pub fn nth(mut self, number: u32) -> Self {
        self.skip = number.saturating_sub(1);
        self
    }

    /// How many in a row fail; once if not said.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = count;
        self
    }

    /// Counts a request; its effect if it is one that fails. One that another fault took (`spared`) is counted,
    /// and this fault takes the next.
    pub(crate) fn strike(&mut self, cloud: &str, method: &str, target: &str, spared: bool) -> Option<Effect> {
        let meant = self.cloud.is_none_or(|name| name == cloud)
            && self.method.is_none_or(|name| name == method)
            && self.path.as_ref().is_none_or(|part| target.contains(part));
        if !meant || self.is_spent() {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        if spared {
            return None;
        }
        self.times -= 1;
        Some(self.effect.clone())
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.times == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_requests_that_are_meant_count() {
        let mut fault = Fault::hang_up().method("POST").path("/b").nth(2).times(2);
        let mut strike = |method, target| fault.strike("x", method, target, false).is_some();
        assert!(!strike("POST", "/b/1"));
        assert!(!strike("GET", "/b/1"));
        assert!(!strike("POST", "/a"));
        assert!(strike("POST", "/b/2"));
        assert!(strike("POST", "/b/3"));
        assert!(!strike("POST", "/b/4"));
        assert!(fault.is_spent());
    }
}
