//! What has to fit together in the description of a VM.

use serde_json::{Value, json};

use super::compute::Source;
use super::failure::Failure;
use super::network::text;
use crate::World;

/// Names that the service does not let one log in with.
const FORBIDDEN_USERS: [&str; 10] = [
    "admin",
    "administrator",
    "root",
    "guest",
    "test",
    "user",
    "sys",
    "support",
    "owner",
    "1",
];

/// Size, image and security have to fit together.
pub(super) fn check_source(
    source: &Source,
    architecture: &str,
    second: bool,
    body: &Value,
    world: &mut World,
) -> Result<(), Failure> {
    if !source.architecture.is_empty() && source.architecture != architecture {
        let detail = format!("the size is {architecture}, the image is {}", source.architecture);
        return Err(Failure::invalid(world, "vmSize", &detail));
    }
    if second && source.generation == "V1" {
        return Err(Failure::invalid(
            world,
            "vmSize",
            "this size starts generation 2 only, the image is generation 1",
        ));
    }
    let security = text(body, "/properties/securityProfile/securityType");
    let flag = |name: &str| {
        body.pointer(&format!("/properties/securityProfile/uefiSettings/{name}")) == Some(&json!(true))
    };
    let trusted = matches!(security, "TrustedLaunch" | "ConfidentialVM");
    if trusted && (source.generation == "V1" || source.managed) {
        let detail = "the image has no support for Trusted Launch";
        return Err(Failure::invalid(world, "securityProfile.securityType", detail));
    }
    if !trusted && (flag("secureBootEnabled") || flag("vTpmEnabled")) {
        let detail = "secure boot and the virtual TPM need the security type TrustedLaunch";
        return Err(Failure::invalid(world, "securityProfile.uefiSettings", detail));
    }
    let spot = matches!(text(body, "/properties/priority"), "Spot" | "Low");
    if !spot
        && (!text(body, "/properties/evictionPolicy").is_empty()
            || body.pointer("/properties/billingProfile").is_some())
    {
        return Err(Failure::invalid(
            world,
            "evictionPolicy",
            "only for a VM of priority Spot",
        ));
    }
    Ok(())
}

pub(super) fn check_login(body: &Value, world: &mut World) -> Result<(), Failure> {
    const AT: &str = "/properties/osProfile";
    if body.pointer(AT).is_none() {
        return Err(Failure::invalid(
            world,
            "osProfile",
            "required for a generalized image",
        ));
    }
    let user = text(body, &format!("{AT}/adminUsername"));
    if user.is_empty() || FORBIDDEN_USERS.contains(&user.to_lowercase().as_str()) {
        return Err(Failure::invalid(
            world,
            "adminUsername",
            &format!("{user:?} is not allowed"),
        ));
    }
    let name = text(body, &format!("{AT}/computerName"));
    if name.is_empty() || name.len() > 64 {
        return Err(Failure::invalid(world, "computerName", "1 to 64 characters"));
    }
    let configuration = format!("{AT}/linuxConfiguration");
    let no_password =
        body.pointer(&format!("{configuration}/disablePasswordAuthentication")) == Some(&json!(true));
    let keys = body
        .pointer(&format!("{configuration}/ssh/publicKeys"))
        .and_then(Value::as_array);
    let keys: Vec<_> = keys.into_iter().flatten().collect();
    if no_password && keys.is_empty() {
        return Err(Failure::invalid(
            world,
            "linuxConfiguration.ssh.publicKeys",
            "required without a password",
        ));
    }
    if !no_password && text(body, &format!("{AT}/adminPassword")).is_empty() {
        return Err(Failure::invalid(
            world,
            "adminPassword",
            "required unless passwords are switched off",
        ));
    }
    let home = format!("/home/{user}/.ssh/authorized_keys");
    for key in keys {
        if text(key, "/path") != home {
            return Err(Failure::invalid(
                world,
                "publicKeys[].path",
                &format!("only {home} is taken"),
            ));
        }
        let data = text(key, "/keyData").trim();
        let kind = data.split(' ').next().unwrap_or_default();
        if !matches!(kind, "ssh-rsa" | "ssh-ed25519") || data.parse::<ssh_key::PublicKey>().is_err() {
            return Err(Failure::invalid(
                world,
                "publicKeys[].keyData",
                "neither an RSA nor an Ed25519 key",
            ));
        }
    }
    Ok(())
}
