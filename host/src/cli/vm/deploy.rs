//! `sindri vm deploy`

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::{CloudArgument, PlaceArguments, PlanArgument};
use crate::error::{Code, Error, Result};
use crate::journal;
use crate::operation::deploy::{self, Deployed};
use crate::operation::{Preview, Session, render};
use crate::policy::argv::quote;
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm deploy`.
#[derive(Debug, Args)]
pub struct Deploy {
    /// The cloud's id of the image.
    image: String,
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Who may reach the instance by SSH: your own address, for example `203.0.113.7/32`
    /// [default: `providers.packer.deploy.ssh_cidr`]
    #[arg(long, value_name = "CIDR")]
    ssh_cidr: Option<String>,
    /// Beginning of the instance's name.
    #[arg(short, long)]
    name: Option<String>,
}

impl Deploy {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let mut flags = self.place.flags(app)?;
        flags.set_if("name", self.name.as_deref());
        flags.set_if("ssh-cidr", self.ssh_cidr.as_deref());
        let session = Session::open(app, self.cloud.cloud.as_deref(), &flags)?;
        let Some(ssh_source) = session
            .settings
            .deploy
            .ssh_cidr
            .as_ref()
            .map(|cidr| cidr.as_str().to_owned())
        else {
            return Err(Error::new(
                Code::ConfigMissingKeys,
                "nothing says who may reach the instance by SSH",
            )
            .key("providers.packer.deploy.ssh_cidr")
            .remedy("give --ssh-cidr with your own address, for example --ssh-cidr 203.0.113.7/32"));
        };
        if self.plan.plan {
            let context = session.preview_context();
            let operation = deploy::operation(
                &session,
                &self.image,
                &ssh_source,
                render::DRY_RUN,
                &journal::now(),
            )?;
            let mut preview = Preview::default();
            preview.operation(&session, context, operation)?;
            return Ok(preview.into_document());
        }
        let deployed = deploy::deploy(&session, &self.image, &ssh_source, cancel).await?;
        Ok(document(&session, &deployed))
    }
}

fn document(session: &Session<'_>, deployed: &Deployed) -> Document {
    let instance = &deployed.instance;
    let build = &session.settings.build;
    let ssh = deploy::address(session, instance).map(|address| {
        let mut words = vec!["ssh".to_owned(), "-i".into(), deployed.key.display().to_string()];
        words.extend(["-o".into(), "IdentitiesOnly=yes".into()]);
        words.extend([
            "-o".into(),
            format!("UserKnownHostsFile={}", deployed.known_hosts.display()),
        ]);
        words.extend(["-o".into(), "StrictHostKeyChecking=accept-new".into()]);
        if let Some(port) = build.ssh_port {
            words.extend(["-p".into(), port.to_string()]);
        }
        words.push(format!("{}@{address}", instance.ssh_user));
        words
    });
    let line = |words: &Vec<String>| words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
    let command = ssh.as_ref().map(line);
    let text = format!(
        "instance    {}\npublic ip   {}\nprivate ip  {}\nssh         {}",
        instance.id,
        instance.public_ip.as_deref().unwrap_or("-"),
        instance.private_ip.as_deref().unwrap_or("-"),
        command.as_deref().unwrap_or("-"),
    );
    let json = json!({
        "success": true,
        "instance_id": instance.id,
        "instance_name": instance.name,
        "public_ip": instance.public_ip,
        "private_ip": instance.private_ip,
        "region": instance.location,
        "ssh_user": instance.ssh_user,
        "ssh_key_path": deployed.key,
        "ssh_command": command,
        "ssh_argv": ssh,
        "run_id": instance.run_id,
        "resources": instance.resources,
    });
    Document::new(text, json)
}
