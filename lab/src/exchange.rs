//! A request as a cloud sees it, and its reply.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::Value;

use crate::percent;

/// A whole request, after the proxy and TLS are gone.
#[derive(Clone, Debug)]
pub struct Request {
    /// GET, PUT, …
    pub method: Method,
    /// Lower case, without the port.
    pub host: String,
    /// As it was sent, percent-encoded, without the query.
    pub path: String,
    /// Path and query as they were sent: what some clouds' signatures cover.
    pub target: String,
    /// Names and values, decoded, in the order in which they were sent.
    pub query: Vec<(String, String)>,
    /// All of them.
    pub headers: HeaderMap,
    /// At most [`Request::LIMIT`] bytes.
    pub body: Bytes,
}

impl Request {
    /// Larger bodies are refused: no call of a cloud's control plane comes near it (16 MiB).
    pub const LIMIT: usize = 16 << 20;

    /// The decoded parts between the slashes; empty ones are left out.
    pub fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(percent::decode_path)
            .collect()
    }

    /// The first query parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// The first header of this name; none if it is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token of `Authorization: Bearer TOKEN`.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// The body as JSON; an absent body is `null`.
    ///
    /// # Errors
    /// What is wrong with the text, with line and column.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
    }

    /// The body as a form (`application/x-www-form-urlencoded`).
    pub fn form(&self) -> Vec<(String, String)> {
        percent::decode_form(&String::from_utf8_lossy(&self.body))
    }
}

/// The first value of this name.
pub(crate) fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// What a cloud answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Three digits.
    pub status: u16,
    /// `Content-Length` and `Date` come by themselves.
    pub headers: Vec<(&'static str, String)>,
    /// May be empty.
    pub body: Vec<u8>,
    /// Whether the request or the reply holds a secret: then the log keeps neither body.
    pub secret: bool,
}

impl Reply {
    /// A reply without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            secret: false,
        }
    }

    /// A JSON document.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            body: body.to_string().into_bytes(),
            ..Self::empty(status)
        }
        .header("Content-Type", "application/json; charset=utf-8")
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            body: body.into().into_bytes(),
            ..Self::empty(status)
        }
        .header("Content-Type", "text/plain; charset=utf-8")
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Keeps the bodies out of the log.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}
