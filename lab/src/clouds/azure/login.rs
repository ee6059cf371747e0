//! Access tokens for a service principal, in both versions of the protocol.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::failure::Failure;
use super::{CLIENT, LOGIN_HOST, SECRET, TENANT};
use crate::exchange::find;
use crate::schema::check_names;
use crate::{Reply, Request, Rule, World};

/// Seconds.
const LIFETIME: i64 = 3600;
/// Of the service principal.
const OBJECT: &str = "5a1d0000-0000-4000-8000-00000000a004";
/// Stands for the signature, which clients cannot check without the service's keys.
const SIGNATURE: &str = "sindri-lab";
/// What tokens are for: the Resource Manager (under both of its names), Key Vault, the directory.
const AUDIENCES: [&str; 4] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://vault.azure.net",
    "https://graph.microsoft.com",
];

pub(super) fn answer(request: &Request, world: &mut World) -> Result<Reply, Failure> {
    let segments = request.segments();
    let parts: Vec<_> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["common", "discovery", "instance"]) => Ok(Reply::json(200, &discovery())),
        ("GET", [tenant, rest @ .., ".well-known", "openid-configuration"])
            if is_tenant(tenant) && matches!(rest, [] | ["v2.0"]) =>
        {
            Ok(Reply::json(200, &configuration(!rest.is_empty())))
        }
        ("POST", [tenant, "oauth2", "token"]) if is_tenant(tenant) => Ok(token(request, false, world)),
        ("POST", [tenant, "oauth2", "v2.0", "token"]) if is_tenant(tenant) => Ok(token(request, true, world)),
        _ => Err(Failure::unknown_route(request, world)),
    }
}

fn is_tenant(name: &str) -> bool {
    matches!(name, TENANT | "common" | "organizations")
}

fn discovery() -> Value {
    json!({
        "api-version": "1.1",
        "tenant_discovery_endpoint":
            format!("https://{LOGIN_HOST}/{TENANT}/v2.0/.well-known/openid-configuration"),
        "metadata": [{
            "preferred_network": LOGIN_HOST, "preferred_cache": "login.windows.net",
            "aliases": [LOGIN_HOST, "login.windows.net", "login.microsoft.com", "sts.windows.net"],
        }],
    })
}

fn configuration(second: bool) -> Value {
    let version = if second { "/v2.0" } else { "" };
    let base = format!("https://{LOGIN_HOST}/{TENANT}");
    json!({
        "token_endpoint": format!("{base}/oauth2{version}/token"),
        "authorization_endpoint": format!("{base}/oauth2{version}/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2{version}/devicecode"),
        "issuer": format!("{base}/v2.0"),
        "jwks_uri": format!("{base}/discovery{version}/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
    })
}

fn token(request: &Request, second: bool, world: &mut World) -> Reply {
    let form = request.form();
    let (wanted, optional) = if second {
        ("scope", ["client_info", "claims", "client_secret"])
    } else {
        ("resource", ["api-version", "client_info", "client_secret"])
    };
    let flaws = check_names(&form, &["grant_type", "client_id", wanted], &optional);
    let result = world
        .refuse_flaws(&flaws)
        .and_then(|()| check_client(&form))
        .and_then(|()| audience(find(&form, wanted).unwrap_or_default()));
    let audience = match result {
        Ok(audience) => audience,
        Err(detail) => {
            world.violation(Rule::Unauthenticated, &detail);
            let body = json!({
                "error": "invalid_client", "error_codes": [7_000_215],
                "error_description": format!("AADSTS7000215: {detail}"),
            });
            return Reply::json(401, &body).secret();
        }
    };
    let now = world.unix_time();
    let claims = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{TENANT}/"), "iat": now, "nbf": now,
        "exp": now + LIFETIME, "appid": CLIENT, "oid": OBJECT, "sub": OBJECT, "tid": TENANT, "idtyp": "app", "ver": "1.0",
        "jti": world.serial().to_string(),
    });
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let token = [header.to_string(), claims.to_string(), SIGNATURE.to_owned()]
        .map(encode)
        .join(".");
    let mut body = json!({"token_type": "Bearer", "access_token": token});
    if let Some(fields) = body.as_object_mut() {
        // The first version writes numbers as texts.
        let number = |number: i64| {
            if second {
                json!(number)
            } else {
                json!(number.to_string())
            }
        };
        fields.insert("expires_in".to_owned(), number(LIFETIME));
        fields.insert("ext_expires_in".to_owned(), number(LIFETIME));
        if !second {
            fields.insert("expires_on".to_owned(), number(now + LIFETIME));
            fields.insert("not_before".to_owned(), number(now));
            fields.insert("resource".to_owned(), audience.into());
        }
    }
    Reply::json(200, &body).secret()
}

fn check_client(form: &[(String, String)]) -> Result<(), String> {
    let value = |name: &str| find(form, name).unwrap_or_default();
    match (value("grant_type"), value("client_id"), value("client_secret")) {
        ("client_credentials", CLIENT, SECRET) => Ok(()),
        ("client_credentials", CLIENT, _) => Err("Invalid client secret provided.".to_owned()),
        ("client_credentials", id, _) => Err(format!("Application with identifier '{id}' was not found.")),
        (grant, ..) => Err(format!("The grant type '{grant}' is not served by the lab.")),
    }
}

/// What a token is asked for: `RESOURCE` or, as a scope, `RESOURCE/.default`.
fn audience(wanted: &str) -> Result<String, String> {
    // Other scopes, as `openid profile`, come along with the one that matters.
    let scope = wanted
        .split(' ')
        .find(|scope| scope.starts_with("https://"))
        .unwrap_or(wanted);
    let resource = scope.strip_suffix("/.default").unwrap_or(scope);
    let bare = resource.trim_end_matches('/');
    if AUDIENCES.contains(&bare) {
        return Ok(resource.to_owned());
    }
    Err(format!("The resource principal named {wanted} was not found."))
}

/// Whether a lab has handed this out for the Resource Manager, and its time is not over.
pub(super) fn is_token(token: &str, world: &World) -> bool {
    let parts: Vec<_> = token.split('.').collect();
    let [_, claims, signature] = parts.as_slice() else {
        return false;
    };
    let decoded = URL_SAFE_NO_PAD.decode(claims).ok();
    let Some(claims) = decoded.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok()) else {
        return false;
    };
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    let audience = claims.get("aud").and_then(Value::as_str).unwrap_or_default();
    URL_SAFE_NO_PAD
        .decode(signature)
        .is_ok_and(|signature| signature == SIGNATURE.as_bytes())
        && expires > world.unix_time()
        && audience.starts_with("https://management.")
}
