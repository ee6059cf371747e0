//! `sindri-lab --dir DIR [--port PORT] [--delay POLLS] [--old-clients]`: clouds on loopback until it is interrupted.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use sindri_lab::{Lab, Options};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
Usage: sindri-lab --dir DIR [--port PORT] [--delay POLLS] [--old-clients]

Clouds on 127.0.0.1. Prints the variables that point clients to them, as shell commands, and runs until it is
interrupted. DIR gets a certificate authority and credentials that are worth nothing elsewhere.
--delay says how often an operation is not yet done when it is asked for (0).
--old-clients takes what Packer 1.6.6 sends and the providers refuse today.

  GET http://127.0.0.1:PORT/lab/{keys,log,violations,resources} tells what happened.
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sindri-lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let Some(options) = arguments()? else {
        std::io::stdout().write_all(USAGE.as_bytes())?;
        return Ok(());
    };
    let lab = Lab::start(options)?;
    let mut output = std::io::stdout().lock();
    for (name, value) in lab.environment() {
        writeln!(output, "export {name}='{}'", value.replace('\'', r"'\''"))?;
    }
    output.flush()?;
    drop(output);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(interrupted())?;
    Ok(())
}

/// SIGINT or SIGTERM.
async fn interrupted() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminated.recv() => Ok(()),
    }
}

/// None if help is asked for.
fn arguments() -> anyhow::Result<Option<Options>> {
    let mut directory: Option<PathBuf> = None;
    let mut port = 0;
    let mut delay = 0;
    let mut old_clients = false;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = |name: &str| {
            arguments
                .next()
                .ok_or_else(|| anyhow::anyhow!("{name} wants a value"))
        };
        match argument.to_str() {
            Some("--help" | "-h") => return Ok(None),
            Some("--old-clients") => old_clients = true,
            Some("--dir") => directory = Some(value("--dir")?.into()),
            Some("--port") => {
                let text = value("--port")?;
                port = text
                    .to_str()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| anyhow::anyhow!("--port wants a number from 0 to 65535"))?;
            }
            Some("--delay") => {
                let text = value("--delay")?;
                delay = text
                    .to_str()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| anyhow::anyhow!("--delay wants a number"))?;
            }
            _ => anyhow::bail!("unknown argument {}\n\n{USAGE}", argument.display()),
        }
    }
    let directory = directory.ok_or_else(|| anyhow::anyhow!("--dir is missing\n\n{USAGE}"))?;
    let mut options = Options::new(directory);
    options.port = port;
    options.delay = delay;
    options.old_clients = old_clients;
    Ok(Some(options))
}
