//! Arguments that several subcommands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::Flags;
use crate::error::Result;

/// Which cloud.
#[derive(Clone, Debug, Args)]
pub struct CloudArgument {
    /// Cloud to work on [default: `providers.packer.cloud` of the configuration]
    #[arg(long, value_name = "CLOUD")]
    pub cloud: Option<String>,
}

/// Whether to show instead of do.
#[derive(Clone, Debug, Args)]
pub(super) struct PlanArgument {
    /// Print the commands that would run next, and run nothing.
    #[arg(long)]
    pub plan: bool,
}

/// What the image is to be.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ImageArguments {
    /// Name of the image, without the time stamp that is added to it.
    #[arg(short, long)]
    pub name: Option<String>,
    /// Version of Sindri inside the image: `latest` or for example `3.1.0`.
    #[arg(long, value_name = "VERSION")]
    pub sindri_version: Option<String>,
    /// Profile of extensions to install.
    #[arg(long)]
    pub profile: Option<String>,
    /// Extensions to install, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub extensions: Option<Vec<String>>,
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Size of the root disk in GB.
    #[arg(long, value_name = "GB")]
    pub disk_size: Option<u32>,
    /// Architecture of the image [default: that of the instance type]
    #[arg(long, value_enum)]
    pub arch: Option<Arch>,
    /// Harden the image by the CIS benchmark, level 1.
    #[arg(long)]
    pub cis_hardening: bool,
}

/// Where, and on what.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct PlaceArguments {
    /// Region, location or zone.
    #[arg(short, long)]
    pub region: Option<String>,
    /// Instance type, VM size, machine type or shape.
    #[arg(long, value_name = "TYPE")]
    pub instance_type: Option<String>,
    /// Set a key of the cloud's section of the configuration; JSON or plain text. May be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub var: Vec<String>,
    /// Set such keys from a file: `.json`, or lines `key = value` (`.pkrvars.hcl`). May be repeated.
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,
}

/// Names of architectures on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Arch {
    /// Intel and AMD.
    #[value(name = "x86_64", aliases = ["amd64", "x86-64"])]
    X86_64,
    /// Arm.
    #[value(name = "arm64", alias = "aarch64")]
    Arm64,
}

impl PlaceArguments {
    pub(super) fn flags(&self, app: &super::App) -> Result<Flags> {
        let mut flags = Flags::default();
        flags.set_if("region", self.region.as_deref());
        flags.set_if("instance-type", self.instance_type.as_deref());
        for file in &self.var_file {
            flags.read_variables(&app.environment.working_directory().join(file))?;
        }
        for assignment in &self.var {
            flags.set_variable(assignment)?;
        }
        Ok(flags)
    }
}

impl ImageArguments {
    pub(super) fn flags(&self, app: &super::App) -> Result<Flags> {
        let mut flags = self.place.flags(app)?;
        flags.set_if("name", self.name.as_deref());
        flags.set_if("sindri-version", self.sindri_version.as_deref());
        flags.set_if("profile", self.profile.as_deref());
        flags.set_if(
            "extensions",
            self.extensions.as_ref().map(|extensions| extensions.join(",")),
        );
        flags.set_if("disk-size", self.disk_size.map(|size| size.to_string()));
        flags.set_if("cis-hardening", self.cis_hardening.then_some("true"));
        flags.set_if("arch", self.arch.map(Arch::name));
        Ok(flags)
    }
}

impl Arch {
    fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}
