//! `sindri evidence keygen`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::error::Result;
use crate::evidence::dsse::SigningKey;
use crate::report::Document;

/// Arguments of `sindri evidence keygen`.
#[derive(Debug, Args)]
pub struct Keygen {
    /// New file for the private key; the public key goes to FILE.pub
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Keygen {
    pub(super) fn run(&self) -> Result<Document> {
        let mut public = self.file.clone().into_os_string();
        public.push(".pub");
        let public = PathBuf::from(public);
        let key = SigningKey::generate()?;
        key.write(&self.file, &public)?;
        let id = key.public().id();
        let text = format!(
            "private key: {}\npublic key:  {}\nkey id:      {id}",
            self.file.display(),
            public.display()
        );
        let json = json!({
            "success": true,
            "private_key": self.file,
            "public_key": public,
            "key_id": id,
        });
        Ok(Document::new(text, json))
    }
}
