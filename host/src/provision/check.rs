//! What may go into an image. The shell quoting would keep any of this harmless; these checks say early
//! and with the key's name what would fail late inside a VM.

use super::{Docker, ImageContent, Release, UserFile};
use crate::{Code, Error, Result};

/// Variables that bash makes read-only: assigning to them stops the script before it starts.
const READ_ONLY: &[&str] = &["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"];

pub(super) fn content(content: &ImageContent<'_>) -> Result<()> {
    version(content.sindri_version)?;
    if let Some(profile) = content.profile {
        name(profile, "profile")?;
    }
    for extension in content.extensions {
        name(extension, "extensions")?;
    }
    for script in content.user_scripts {
        shell_script(script)?;
    }
    for variable in content.environment.keys() {
        environment_name(variable)?;
    }
    if content.environment.values().any(|value| value.contains('\0')) {
        return Err(wrong(
            "environment",
            "a value contains NUL, which no environment can hold",
        ));
    }
    match content.release {
        Release::Download { base_url } => address(base_url, "release_base_url")?,
        Release::Uploaded { archives: [] } => {
            return Err(wrong("release_directory", "there is no archive to upload"));
        }
        Release::Uploaded { .. } => {}
    }
    if let Docker::Repository { url, key } = content.docker {
        address(url, "docker.repository")?;
        let armored = key
            .trim_start()
            .starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----");
        if !armored || key.contains('\0') {
            return Err(
                wrong("docker.key_file", "the file is not a public key in ASCII armor")
                    .remedy("export it with `gpg --armor --export`"),
            );
        }
    }
    match &content.openscap {
        Some(scan) => name(scan.profile, "security.openscap_profile"),
        None => Ok(()),
    }
}

fn wrong(key: &str, message: impl Into<String>) -> Error {
    Error::new(Code::ConfigValue, message).key(format!("providers.packer.build.{key}"))
}

fn version(text: &str) -> Result<()> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let plain = bare
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
    if bare == "latest" || (plain && bare.starts_with(|c: char| c.is_ascii_digit()) && bare.contains('.')) {
        return Ok(());
    }
    Err(wrong("sindri_version", format!("`{text}` is not a version"))
        .remedy("use for example `3.1.0` or `latest`"))
}

/// A name that begins with `-` would be an option of the installed program.
fn name(text: &str, key: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '/');
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed) && text.len() <= 128
    {
        return Ok(());
    }
    Err(
        wrong(key, format!("{text:?} is not a name that Sindri could install"))
            .remedy("names begin with a letter or digit and have only letters, digits and `-_.@/`"),
    )
}

/// Scripts are run with bash, whatever their first line says.
fn shell_script(script: &UserFile) -> Result<()> {
    let text = std::str::from_utf8(&script.content)
        .map_err(|_| wrong("scripts", format!("`{}` is not UTF-8 text", script.name)))?;
    let first = text.lines().next().unwrap_or_default();
    let interpreter = first.strip_prefix("#!").map(|rest| {
        rest.split_whitespace()
            .map(|word| word.rsplit('/').next().unwrap_or(word))
            .find(|word| *word != "env")
    });
    match interpreter {
        None | Some(Some("sh" | "bash" | "dash")) => Ok(()),
        Some(_) => Err(wrong(
            "scripts",
            format!("`{}` is not a shell script: {first}", script.name),
        )
        .remedy("call other interpreters from a shell script, and bring their files with `file_uploads`")),
    }
}

fn environment_name(name: &str) -> Result<()> {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !name.starts_with(starts) || !name.chars().all(|c| starts(c) || c.is_ascii_digit()) {
        return Err(wrong("environment", format!("{name:?} is not a variable name"))
            .remedy("use letters, digits and `_`, not beginning with a digit"));
    }
    if READ_ONLY.contains(&name) {
        return Err(wrong("environment", format!("`{name}` cannot be set in bash")));
    }
    Ok(())
}

/// Plain HTTP would let anyone on the way exchange a program and its checksum, or a key,
/// together.
fn address(url: &str, key: &str) -> Result<()> {
    let loopback = ["http://127.0.0.1", "http://localhost"]
        .iter()
        .filter_map(|prefix| url.strip_prefix(prefix))
        .any(|rest| rest.is_empty() || rest.starts_with([':', '/']) && !rest.contains('@'));
    let printable = url.chars().all(|c| c.is_ascii_graphic());
    if printable && (url.starts_with("https://") || loopback) {
        return Ok(());
    }
    Err(wrong(key, format!("{url:?} is not an https address")))
}

/// A destination in the VM.
pub(super) fn destination(path: &str) -> Result<()> {
    let plain = path.strip_prefix('/').is_some_and(|rest| !rest.is_empty())
        && !path.split('/').any(|part| part == "..")
        && !path.chars().any(char::is_control);
    if plain {
        return Ok(());
    }
    Err(wrong(
        "file_uploads",
        format!("{path:?} is not an absolute path in the VM"),
    )
    .remedy("give a destination that begins with `/` and has no `..`"))
}

/// A path below the folder that is uploaded.
pub(super) fn relative_path(path: &str) -> Result<()> {
    let plain = !path.split('/').any(|part| matches!(part, "" | "." | ".."))
        && !path.chars().any(|c| c.is_control() || c == '\\');
    if plain {
        return Ok(());
    }
    Err(wrong(
        "file_uploads",
        format!("{path:?} cannot be the name of an uploaded file"),
    ))
}
