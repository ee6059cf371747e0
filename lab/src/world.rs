//! What all clouds of a lab share: the log, the violations, the keys and the addresses of guests.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::keys::AuthorizedKeys;
use crate::schema::Flaw;
use crate::{Reply, Request};

/// One request and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The cloud that answered; none if the lab itself refused.
    pub cloud: Option<&'static str>,
    /// GET, CONNECT, …
    pub method: String,
    /// Without the port.
    pub host: String,
    /// As it was sent, with the query decoded.
    pub path: String,
    /// Of the reply.
    pub status: u16,
    /// What was sent, if it is text and neither body is secret.
    pub sent: Option<String>,
    /// What was answered, likewise.
    pub answered: Option<String>,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            host,
            path,
            status,
            ..
        } = self;
        write!(f, "{status} {method} {host}{path}")
    }
}

/// What a client did that the provider's description of its API does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Nobody here serves this host.
    UnknownHost,
    /// The host is served, this method and path are not.
    UnknownRoute,
    /// A field or parameter that the API does not have.
    UnknownField,
    /// A field or parameter that the API demands.
    MissingField,
    /// A value of the wrong type, outside its enumeration or range, or of the wrong form.
    WrongValue,
    /// A call that is allowed only after another one, or only in another state of the resource.
    WrongOrder,
    /// No credentials, or not those of this lab.
    Unauthenticated,
    /// Not HTTP, not JSON, or too large.
    Malformed,
}

impl Rule {
    /// A stable name, kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownHost => "unknown-host",
            Self::UnknownRoute => "unknown-route",
            Self::UnknownField => "unknown-field",
            Self::MissingField => "missing-field",
            Self::WrongValue => "wrong-value",
            Self::WrongOrder => "wrong-order",
            Self::Unauthenticated => "unauthenticated",
            Self::Malformed => "malformed",
        }
    }
}

/// A rule that a client broke, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// The request, for example `POST compute.googleapis.com/compute/v1/…`.
    pub request: String,
    /// What exactly, with the path of the field if it is about one.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.rule.code(), self.detail, self.request)
    }
}

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Made by a request to this lab.
    Client,
    /// There from the beginning: a base image, a network, a group that a build needs.
    Provider,
    /// Planted: somebody else's in the same account, which nobody may touch.
    Stranger,
}

/// A resource, described alike for all clouds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// For example `gcp`.
    pub cloud: &'static str,
    /// The cloud's own word, for example `images`, `Microsoft.Compute/disks`.
    pub kind: String,
    /// Unique in the cloud; the form that its CLI takes.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// Tags or labels.
    pub tags: BTreeMap<String, String>,
    /// How often it was changed since it was made.
    pub changes: u32,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.cloud, self.kind, self.id)
    }
}

/// The addresses that every new VM gets. A machine that answers SSH there makes builds run to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// What a client outside of the cloud's network reaches.
    pub public: IpAddr,
    /// What it would reach from inside. Never equal to the other one, or tests could not tell them apart.
    pub private: IpAddr,
}

impl Default for Guest {
    fn default() -> Self {
        Self {
            public: Ipv4Addr::new(127, 0, 0, 1).into(),
            private: Ipv4Addr::new(127, 0, 0, 2).into(),
        }
    }
}

/// What the clouds of one lab share. A cloud gets it together with each request.
#[derive(Debug, Default)]
pub struct World {
    pub(crate) log: Vec<Entry>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) keys: AuthorizedKeys,
    pub(crate) guest: Guest,
    delay: u32,
    old_clients: bool,
    /// The request under way, for the violations.
    current: String,
    serial: u64,
}

impl World {
    pub(crate) fn new(guest: Guest, delay: u32, old_clients: bool) -> Self {
        Self {
            guest,
            delay,
            old_clients,
            ..Self::default()
        }
    }

    /// Remembers a broken rule. The cloud still answers, as the real one would.
    pub fn violation(&mut self, rule: Rule, detail: impl Into<String>) {
        self.violations.push(Violation {
            rule,
            request: self.current.clone(),
            detail: detail.into(),
        });
    }

    /// Remembers what a check found, and joins it to one sentence for the reply.
    ///
    /// # Errors
    /// That sentence, if anything was found.
    pub fn refuse_flaws(&mut self, flaws: &[Flaw]) -> Result<(), String> {
        for flaw in flaws {
            self.violation(flaw.rule, flaw.to_string());
        }
        if flaws.is_empty() {
            return Ok(());
        }
        let texts: Vec<_> = flaws.iter().map(ToString::to_string).collect();
        Err(texts.join("; "))
    }

    /// The addresses of a new VM.
    pub fn guest(&self) -> Guest {
        self.guest
    }

    /// How often something that takes time is not yet done when a client asks.
    pub fn delay(&self) -> u32 {
        self.delay
    }

    /// Whether to take what the provider took from clients of years ago and refuses today.
    pub fn old_clients(&self) -> bool {
        self.old_clients
    }

    /// Lets the holder of this SSH key into every guest, as a key pair that the cloud itself made would.
    /// Keys in requests are found without this.
    pub fn authorize(&mut self, public_key: &str) {
        self.keys.find_in_text(public_key);
    }

    /// 1, 2, 3, … for ids: the same calls in the same order give the same ids.
    pub fn serial(&mut self) -> u64 {
        self.serial = self.serial.saturating_add(1);
        self.serial
    }

    /// A UUID of the next serial number.
    pub fn uuid(&mut self) -> String {
        format!("5a1d0000-0000-4000-8000-{:012x}", self.serial())
    }

    /// Seconds since 1970.
    pub fn unix_time(&self) -> i64 {
        OffsetDateTime::now_utc().unix_timestamp()
    }

    /// Now, for example `2026-01-31T12:00:00Z`.
    pub fn timestamp(&self) -> String {
        self.timestamp_in(0)
    }

    /// The same so many seconds later.
    pub fn timestamp_in(&self, seconds: i64) -> String {
        // Only years outside of 0..=9999 cannot be formatted.
        OffsetDateTime::from_unix_timestamp(self.unix_time().saturating_add(seconds))
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok())
            .unwrap_or_default()
    }

    pub(crate) fn begin(&mut self, method: &str, host: &str, path: &str) {
        self.current = format!("{method} {host}{path}");
    }

    pub(crate) fn finish(&mut self, cloud: Option<&'static str>, request: &Request, reply: &Reply) {
        let text = |body: &[u8]| {
            let shown = !reply.secret && !body.is_empty();
            shown.then(|| String::from_utf8(body.to_vec()).ok()).flatten()
        };
        let query: Vec<_> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        self.log.push(Entry {
            cloud,
            method: request.method.to_string(),
            host: request.host.clone(),
            path: format!("{}{mark}{}", request.path, query.join("&")),
            status: reply.status,
            sent: text(&request.body),
            answered: text(&reply.body),
        });
    }
}
