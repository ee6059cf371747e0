//! `sindri plugin compile-component`, which nobody types: the process that may cost any amount of time and
//! memory.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::error::Result;
use crate::plugin::compiler;
use crate::report::Document;

/// Arguments of `sindri plugin compile-component`.
#[derive(Debug, Args)]
pub struct CompileComponent {
    /// The component.
    component: PathBuf,
    /// Where its machine code goes.
    code: PathBuf,
}

impl CompileComponent {
    pub(super) fn run(&self) -> Result<Document> {
        compiler::compile_file(&self.component, &self.code)?;
        Ok(Document::new("", json!({"success": true})))
    }
}
