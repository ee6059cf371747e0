//! From a request on the wire to one for a cloud, and back.

use std::fmt;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use hyper::body::Incoming;

use super::Server;
use crate::lab::{Answer, unknown_host};
use crate::{Reply, Request, Rule, percent};

type Wire = hyper::Request<Incoming>;
type WireReply = hyper::Response<Body>;

/// Ends the connection without a reply.
#[derive(Debug)]
pub(super) struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hung up on purpose")
    }
}

impl std::error::Error for HangUp {}

/// A request to the port itself: CONNECT, a proxied `http://` one, or a direct one.
pub(super) async fn outer(server: Arc<Server>, wire: Wire) -> Result<WireReply, HangUp> {
    if wire.method() == Method::CONNECT {
        return Ok(connect(server, wire));
    }
    let host = match wire.uri().host() {
        Some(host) => host.to_lowercase(),
        None => {
            if let Some(reply) = server.state.tell(wire.uri().path()) {
                return Ok(send(reply));
            }
            host_header(&wire)
        }
    };
    answer(&server, host, wire).await
}

/// A request inside of a tunnel. The name in the TLS handshake and the `Host` header have to be the tunnel's:
/// one that says something else was meant for another host.
pub(super) async fn inner(
    server: Arc<Server>,
    tunnel: String,
    named: Option<String>,
    wire: Wire,
) -> Result<WireReply, HangUp> {
    let header = host_header(&wire);
    if named.as_deref() != Some(tunnel.as_str()) || header != tunnel {
        let detail = format!(
            "a tunnel to {tunnel:?}, a TLS handshake for {:?} and a request for {header:?}",
            named.unwrap_or_default()
        );
        let request = bare(wire.method(), &tunnel, wire.uri());
        return Ok(send(server.state.refuse(&request, Rule::Malformed, 421, &detail)));
    }
    answer(&server, tunnel, wire).await
}

/// Opens a tunnel that ends here. Any other port than 443 and any unknown host is refused.
fn connect(server: Arc<Server>, wire: Wire) -> WireReply {
    let uri = wire.uri().clone();
    let host = uri.host().unwrap_or_default().to_lowercase();
    let request = bare(wire.method(), &host, &uri);
    if uri.port_u16() != Some(443) {
        let detail = format!("a tunnel to {uri:?}: only port 443 is served");
        return send(server.state.refuse(&request, Rule::UnknownHost, 403, &detail));
    }
    if !server.state.serves(&host) {
        return send(
            server
                .state
                .refuse(&request, Rule::UnknownHost, 403, &unknown_host(&host)),
        );
    }
    tokio::spawn(async move {
        if let Ok(stream) = hyper::upgrade::on(wire).await {
            server.tunnel(host, stream).await;
        }
    });
    send(Reply::empty(200))
}

async fn answer(server: &Server, host: String, wire: Wire) -> Result<WireReply, HangUp> {
    let (parts, body) = wire.into_parts();
    let mut request = bare(&parts.method, &host, &parts.uri);
    request.headers = parts.headers;
    match to_bytes(Body::new(body), Request::LIMIT).await {
        Ok(body) => request.body = body,
        Err(error) => {
            let detail = format!("the body cannot be read: {error}");
            return Ok(send(server.state.refuse(&request, Rule::Malformed, 413, &detail)));
        }
    }
    match server.state.answer(&request) {
        Answer::Reply(reply) => Ok(send(reply)),
        Answer::HangUp => Err(HangUp),
    }
}

fn bare(method: &Method, host: &str, uri: &Uri) -> Request {
    Request {
        method: method.clone(),
        host: host.to_owned(),
        path: uri.path().to_owned(),
        target: uri.path_and_query().map_or_else(String::new, ToString::to_string),
        query: percent::decode_form(uri.query().unwrap_or_default()),
        headers: axum::http::HeaderMap::new(),
        body: axum::body::Bytes::new(),
    }
}

fn host_header(wire: &Wire) -> String {
    let value = wire.headers().get(header::HOST);
    let host = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    host.split(':').next().unwrap_or_default().to_lowercase()
}

fn send(reply: Reply) -> WireReply {
    let mut response = hyper::Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // What does not fit into a header (a line break in a name that a client chose) is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
