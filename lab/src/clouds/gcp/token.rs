//! Access tokens for service accounts: a signed assertion is exchanged for a bearer token (RFC 7523).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::failure::Failure;
use super::{ACCOUNT, TOKEN_HOST};
use crate::clouds::rsa::RsaKey;
use crate::exchange::find;
use crate::schema::{Shape, check, check_names, ignored, optional, required};
use crate::{Reply, Request, Rule, World};

/// Of the only key of the service account.
pub(super) const KEY_ID: &str = "5a1d000000000000000000000000000000000001";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds.
const LIFETIME: i64 = 3600;

static HEADER: Shape = Shape::Object(&[
    required("alg", Shape::OneOf(&["RS256"])),
    required("typ", Shape::OneOf(&["JWT"])),
    optional("kid", Shape::OneOf(&[KEY_ID])),
]);

static CLAIMS: Shape = Shape::Object(&[
    required("iss", Shape::OneOf(&[ACCOUNT])),
    optional("scope", Shape::Text),
    // Asks for an identity token of that audience instead of an access token.
    optional("target_audience", Shape::Text),
    required("aud", Shape::OneOf(&["https://oauth2.googleapis.com/token"])),
    required("exp", Shape::Integer(0, i64::MAX)),
    required("iat", Shape::Integer(0, i64::MAX)),
    optional("sub", Shape::OneOf(&["", ACCOUNT])),
    ignored("prn"),
]);

/// Before the serial number. A client may keep a token over a restart of the lab, so the lab keeps none itself.
const PREFIX: &str = "ya29.sindri-lab-";

/// Whether a lab has handed this out.
pub(super) fn is_token(token: &str) -> bool {
    // Python's library pads its tokens with dots to one length; Google reads up to them.
    let number = token.trim_end_matches('.').strip_prefix(PREFIX);
    number.is_some_and(|number| number.parse::<u64>().is_ok())
}

/// Exchanges an assertion.
pub(super) fn issue(request: &Request, key: Option<&RsaKey>, world: &mut World) -> Result<Reply, Failure> {
    if request.method != "POST" || request.path != "/token" {
        return Err(Failure::unknown_route(request, world));
    }
    let form = request.form();
    let flaws = check_names(&form, &["grant_type", "assertion"], &[]);
    let grant = find(&form, "grant_type").unwrap_or_default();
    let assertion = find(&form, "assertion").unwrap_or_default();
    let result = world.refuse_flaws(&flaws).and_then(|()| {
        if grant != GRANT {
            return Err(format!("grant_type: {grant:?} is not {GRANT}"));
        }
        let key = key.ok_or("the lab has no service account")?;
        check_assertion(assertion, key, world.unix_time())
    });
    let claims = match result {
        Ok(claims) => claims,
        Err(detail) => {
            world.violation(Rule::Unauthenticated, &detail);
            let body = json!({"error": "invalid_grant", "error_description": detail});
            return Ok(Reply::json(400, &body).secret());
        }
    };
    if let Some(audience) = claims.get("target_audience") {
        let identity = identity_token(audience, world);
        return Ok(Reply::json(200, &json!({"id_token": identity})).secret());
    }
    let token = format!("{PREFIX}{}", world.serial());
    let body = json!({"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"});
    Ok(Reply::json(200, &body).secret())
}

/// What is wrong with an assertion: form, claims, time or signature.
fn check_assertion(assertion: &str, key: &RsaKey, now: i64) -> Result<Value, String> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or("the assertion is no JWT")?;
    let (header, claims) = signed.split_once('.').ok_or("the assertion is no JWT")?;
    let header = decode_json(header)?;
    let claims = decode_json(claims)?;
    let flaws = [check(&HEADER, &header), check(&CLAIMS, &claims)].concat();
    if let Some(flaw) = flaws.first() {
        return Err(format!("the assertion's {flaw}"));
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
    // Google takes assertions of at most an hour, and forgives clocks some minutes.
    if time("exp") <= now || time("exp") - time("iat") > LIFETIME || time("iat") > now + 300 {
        return Err("the assertion is out of its time".to_owned());
    }
    let signature = decode(signature)?;
    if !key.signed(signed.as_bytes(), &signature) {
        return Err(format!(
            "the assertion is not signed by the key of {TOKEN_HOST}'s account"
        ));
    }
    if claims.get("scope").is_some() == claims.get("target_audience").is_some() {
        return Err("the assertion wants either a scope or an audience".to_owned());
    }
    Ok(claims)
}

/// Nobody here takes one: only its form matters.
fn identity_token(audience: &Value, world: &World) -> String {
    let now = world.unix_time();
    let claims = json!({
        "iss": "https://accounts.google.com", "aud": audience, "sub": "1", "email": ACCOUNT, "iat": now,
        "exp": now + LIFETIME,
    });
    [json!({"alg": "RS256", "typ": "JWT"}), claims, json!("sindri-lab")]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".")
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    // Both forms are sent: with and without padding.
    URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|error| format!("the assertion is not base64url: {error}"))
}

fn decode_json(text: &str) -> Result<Value, String> {
    serde_json::from_slice(&decode(text)?).map_err(|error| format!("the assertion is not JSON: {error}"))
}
