//! Signatures of requests: draft-cavage-http-signatures with the headers that OCI demands.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio_rustls::rustls::SupportedCipherSuite;
use tokio_rustls::rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;

use crate::Request;
use crate::clouds::rsa::RsaKey;

/// Seconds by which clocks may differ.
const SKEW: i64 = 300;
/// What every signature covers.
const ALWAYS: [&str; 3] = ["date", "(request-target)", "host"];
/// What that of a request with a body covers besides.
const BODY: [&str; 3] = ["content-length", "content-type", "x-content-sha256"];

/// The key id of a user's key.
pub(super) fn key_id(tenancy: &str, user: &str, fingerprint: &str) -> String {
    format!("{tenancy}/{user}/{fingerprint}")
}

/// What is wrong with the signature of a request, if anything is.
pub(super) fn check(request: &Request, key_id: &str, key: &RsaKey, now: i64) -> Result<(), String> {
    let header = request.header("authorization").ok_or("no Authorization header")?;
    let header = header
        .strip_prefix("Signature ")
        .ok_or("the Authorization is no signature")?;
    let part = |name: &str| part(header, name).ok_or(format!("the signature has no {name}"));
    if part("version")? != "1" || part("algorithm")? != "rsa-sha256" {
        return Err("the signature is not of version 1 with rsa-sha256".to_owned());
    }
    if part("keyId")? != key_id {
        return Err(format!(
            "the key {} is not that of the lab's user",
            part("keyId")?
        ));
    }
    let covered: Vec<_> = part("headers")?.split(' ').collect();
    let mut demanded = ALWAYS.to_vec();
    if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        demanded.extend(BODY);
    }
    for name in demanded {
        // A browser sets the date itself, so this one may stand for it.
        let instead = name == "date" && covered.contains(&"x-date");
        if !covered.contains(&name) && !instead {
            return Err(format!("the signature does not cover {name}"));
        }
    }
    check_date(request, now)?;
    check_digest(request)?;
    let lines: Vec<_> = covered
        .iter()
        .map(|name| line(request, name))
        .collect::<Result<_, _>>()?;
    let signature = STANDARD
        .decode(part("signature")?)
        .map_err(|error| format!("the signature is not base64: {error}"))?;
    if !key.signed(lines.join("\n").as_bytes(), &signature) {
        return Err("the signature is not that of the user's key over this request".to_owned());
    }
    Ok(())
}

/// A value of `name="value",other="…"`. No value has a comma or a quote in it.
fn part<'a>(header: &'a str, wanted: &str) -> Option<&'a str> {
    header.split(',').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        (name == wanted).then_some(value)
    })
}

fn line(request: &Request, name: &str) -> Result<String, String> {
    let value = match name {
        "(request-target)" => format!("{} {}", request.method.as_str().to_lowercase(), request.target),
        // Version 2 of HTTP has no such header.
        "host" => request.header("host").unwrap_or(&request.host).to_owned(),
        name => request
            .header(name)
            .ok_or(format!("the signature covers {name}, which is not there"))?
            .to_owned(),
    };
    Ok(format!("{name}: {value}"))
}

fn check_date(request: &Request, now: i64) -> Result<(), String> {
    let date = request.header("x-date").or_else(|| request.header("date"));
    let moment = date.and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok());
    match moment {
        Some(moment) if (moment.unix_timestamp() - now).abs() <= SKEW => Ok(()),
        _ => Err(format!("the date {date:?} is not within five minutes of now")),
    }
}

fn check_digest(request: &Request) -> Result<(), String> {
    let Some(given) = request.header("x-content-sha256") else {
        return Ok(());
    };
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else {
        return Err("the lab cannot hash".to_owned());
    };
    let digest = suite.common.hash_provider.hash(&request.body);
    if STANDARD.encode(digest.as_ref()) != given {
        return Err("x-content-sha256 is not the body's".to_owned());
    }
    Ok(())
}
