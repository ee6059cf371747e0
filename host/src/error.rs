//! The one error type of the host: a stable code, what happened, where, and what to do next.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Result of everything in the host that can fail for a reason a user should read.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The program's exit status. Stable and documented in `docs/CLI.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done.
    Success = 0,
    /// A build, a tool or a check failed.
    Failure = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Something asked for is not allowed.
    Refused = 3,
    /// A program or a login is missing.
    Prerequisite = 4,
    /// Some of several things succeeded and some did not.
    Partial = 5,
    /// A time limit ran out.
    Timeout = 124,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// The status of several things together: what they have in common, else partial if anything
    /// succeeded, else interrupted if anything was.
    pub fn of_several(exits: &[Self]) -> Self {
        match exits.split_first() {
            None => Self::Success,
            Some((first, rest)) if rest.iter().all(|exit| exit == first) => *first,
            Some(_) if exits.contains(&Self::Success) || exits.contains(&Self::Partial) => Self::Partial,
            Some(_) if exits.contains(&Self::Interrupted) => Self::Interrupted,
            Some(_) => Self::Failure,
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal => $exit:ident;)*) => {
        /// Stable code of an error: `area/what`. Scripts may match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, for the documentation and its test.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The text that users see.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The exit status this error leads to.
            pub fn exit(self) -> Exit {
                match self { $(Code::$name => Exit::$exit,)* }
            }
        }
    };
}

codes! {
    /// A flag or argument has a value that cannot be used.
    UsageArgument = "usage/argument" => Usage;
    /// `--cloud` names no plugin.
    UsageUnknownCloud = "usage/unknown-cloud" => Usage;
    /// A confirmation is needed and there is no terminal.
    UsageConfirmation = "usage/confirmation" => Usage;
    /// The configuration file cannot be read.
    ConfigRead = "config/read" => Usage;
    /// The configuration file is not YAML.
    ConfigSyntax = "config/syntax" => Usage;
    /// The configuration has a key that nothing reads.
    ConfigUnknownKey = "config/unknown-key" => Usage;
    /// A value of the configuration has the wrong type or is out of range.
    ConfigValue = "config/value" => Usage;
    /// Required keys are missing.
    ConfigMissingKeys = "config/missing-keys" => Usage;
    /// Two settings exclude each other.
    ConfigConflict = "config/conflict" => Usage;

    /// The component is not a plugin of a contract version that this host knows.
    PluginContract = "plugin/contract" => Failure;
    /// The component imports something.
    PluginImports = "plugin/imports" => Refused;
    /// The plugin ran too long.
    PluginTimeout = "plugin/timeout" => Failure;
    /// The plugin wanted more memory than it may have.
    PluginMemory = "plugin/memory" => Failure;
    /// The plugin crashed.
    PluginTrap = "plugin/trap" => Failure;
    /// The plugin says that the request cannot be met.
    PluginProblem = "plugin/problem" => Failure;
    /// The plugin returned something that is out of range or contradicts itself.
    PluginReturn = "plugin/return" => Refused;
    /// No plugin of that name.
    PluginUnknown = "plugin/unknown" => Usage;
    /// A name that no plugin can have, or that another one has.
    PluginName = "plugin/name" => Usage;
    /// `sindri.plugins.lock` cannot be used.
    PluginLock = "plugin/lock" => Refused;
    /// The lock file names a plugin whose file is not there.
    PluginMissing = "plugin/missing" => Refused;
    /// A plugin's file is not the one that the lock file names.
    PluginTampered = "plugin/tampered" => Refused;
    /// The plugin asks for more than was decided about.
    PluginGrant = "plugin/grant" => Refused;
    /// The directory of installed plugins cannot be used.
    PluginStore = "plugin/store" => Failure;
    /// The component does not compile within limits.
    PluginCompile = "plugin/compile" => Failure;

    /// The organisation's policy file cannot be used.
    PolicyFile = "policy/file" => Refused;
    /// The organisation's policy forbids it.
    PolicyDenied = "policy/denied" => Refused;

    /// The template is not HCL, or HCL that two parsers might read differently.
    TemplateSyntax = "template/syntax" => Refused;
    /// A block that a template may not have.
    TemplateBlock = "template/block" => Refused;
    /// A builder that is not granted.
    TemplateBuilder = "template/builder" => Refused;
    /// An attribute that the builder's profile does not list.
    TemplateAttribute = "template/attribute" => Refused;
    /// A value that an attribute may not have.
    TemplateValue = "template/value" => Refused;
    /// An expression that cannot be folded to a plain value.
    TemplateExpression = "template/expression" => Refused;
    /// `{{ … }}` in a string.
    TemplateCode = "template/template-code" => Refused;
    /// A value that only the user may choose.
    TemplatePinned = "template/pinned" => Refused;
    /// A path that leaves the bundle.
    TemplatePath = "template/path" => Refused;
    /// Too large, too deep or too many.
    TemplateLimit = "template/limit" => Refused;

    /// A program that the plugin was not granted.
    ArgvTool = "argv/tool" => Refused;
    /// Verb words that the plugin was not granted.
    ArgvVerb = "argv/verb" => Refused;
    /// A flag that the plugin was not granted.
    ArgvFlag = "argv/flag" => Refused;
    /// A value that the tool would not take as plain text.
    ArgvValue = "argv/value" => Refused;
    /// A place that the configuration does not name.
    ArgvLocation = "argv/location" => Refused;

    /// A program is not installed.
    ToolMissing = "tool/missing" => Prerequisite;
    /// A program is too old.
    ToolVersion = "tool/version" => Prerequisite;
    /// Somebody else could replace the program.
    ToolUnsafe = "tool/unsafe" => Refused;
    /// The sandbox is demanded, and missing or switched off.
    SandboxRequired = "sandbox/required" => Refused;
    /// A program could not be started.
    ToolStart = "tool/start" => Failure;
    /// A program failed.
    ToolFailed = "tool/failed" => Failure;
    /// A program did not finish in time.
    ToolTimeout = "tool/timeout" => Timeout;
    /// A program printed more than the host keeps.
    ToolOutput = "tool/output" => Failure;
    /// The cloud refused the credentials.
    CredentialsRefused = "credentials/refused" => Prerequisite;

    /// `packer init` failed.
    PackerInit = "packer/init" => Failure;
    /// `packer validate` found the template wrong.
    PackerValidate = "packer/validate" => Failure;
    /// `packer build` failed.
    PackerBuild = "packer/build" => Failure;
    /// Packer's manifest is missing or has no artifact of this run.
    PackerArtifact = "packer/artifact" => Failure;

    /// The image does not exist.
    ImageNotFound = "image/not-found" => Failure;
    /// The image does not carry our mark of ownership.
    ImageForeign = "image/foreign" => Refused;
    /// The image does not hold what the checklist asks for, or nobody has looked.
    ImageUnverified = "image/unverified" => Failure;
    /// The instance does not exist or was not made by `vm deploy`.
    InstanceNotFound = "instance/not-found" => Failure;
    /// Something could not be removed.
    Leftovers = "resources/leftovers" => Failure;

    /// A root file system cannot be read completely.
    EvidenceRoot = "evidence/root" => Failure;
    /// A manifest, statement or envelope is not one of ours.
    EvidenceForm = "evidence/form" => Failure;
    /// A key cannot be used, or others can read it.
    EvidenceKey = "evidence/key" => Refused;
    /// The attestation is not signed by those who should have.
    EvidenceSignature = "evidence/signature" => Failure;
    /// The evidence is of something else: another image, manifest or list of packages.
    EvidenceSubject = "evidence/subject" => Failure;
    /// A file of the evidence cannot be read or written.
    EvidenceFiles = "evidence/files" => Failure;

    /// No run of that id, or its journal cannot be read.
    RunUnknown = "run/unknown" => Usage;
    /// The run is still going on.
    RunActive = "run/active" => Failure;
    /// A plan went on for too many turns.
    RunTurns = "run/turns" => Failure;
    /// A file of the run directory could not be read or written.
    RunFiles = "run/files" => Failure;
    /// The audit log cannot be opened or written.
    AuditLog = "run/audit-log" => Failure;
    /// The user pressed Ctrl-C.
    Interrupted = "run/interrupted" => Interrupted;
    /// A time limit given by the user ran out.
    RunTimeout = "run/timeout" => Timeout;
    /// Some of several clouds failed.
    RunPartial = "run/partial" => Partial;

    /// A defect of the host itself.
    Internal = "internal" => Failure;
}

/// Where in the user's input an error lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// File as the user named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Dotted key, for example `providers.packer.aws.region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// An error for people and scripts. Small on the stack; built step by step.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: String,
    place: Place,
    remedy: Option<String>,
    details: Vec<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with what happened in one sentence, without a final full stop.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            place: Place::default(),
            remedy: None,
            details: Vec::new(),
            source: None,
        }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Names the file.
    #[must_use]
    pub fn file(mut self, file: impl AsRef<Path>) -> Self {
        self.0.place.file = Some(file.as_ref().to_path_buf());
        self
    }

    /// Names the line, from 1.
    #[must_use]
    pub fn line(mut self, line: usize) -> Self {
        self.0.place.line = Some(line);
        self
    }

    /// Names the dotted key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.place.key = Some(key.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Adds a line of evidence, for example of a tool's own output.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.details.push(detail.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What to do next.
    pub fn next(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// Lines of evidence.
    pub fn details(&self) -> &[String] {
        &self.0.details
    }

    /// The form that `--json` prints under `error`.
    pub fn to_json(&self) -> serde_json::Value {
        let inner = &self.0;
        let mut object = serde_json::Map::new();
        object.insert("code".into(), inner.code.as_str().into());
        object.insert("message".into(), self.full_message().into());
        if let Ok(serde_json::Value::Object(place)) = serde_json::to_value(&inner.place) {
            object.extend(place);
        }
        if let Some(remedy) = &inner.remedy {
            object.insert("remedy".into(), remedy.as_str().into());
        }
        if !inner.details.is_empty() {
            object.insert("details".into(), inner.details.clone().into());
        }
        serde_json::Value::Object(object)
    }

    /// The message with the whole chain of causes.
    fn full_message(&self) -> String {
        let mut text = self.0.message.clone();
        let mut cause: Option<&dyn std::error::Error> = self
            .0
            .source
            .as_deref()
            .map(|source| source as &dyn std::error::Error);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// `place: message`, then indented details, then `next: …` and the code.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.0.place;
        if let Some(file) = &place.file {
            write!(f, "{}", file.display())?;
            if let Some(line) = place.line {
                write!(f, ":{line}")?;
            }
            f.write_str(": ")?;
        } else if let Some(line) = place.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(key) = &place.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.full_message())?;
        for detail in &self.0.details {
            for line in detail.lines() {
                write!(f, "\n  {line}")?;
            }
        }
        if let Some(remedy) = &self.0.remedy {
            write!(f, "\n  next: {remedy}")?;
        }
        write!(f, "\n  code: {}", self.0.code.as_str())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_of_the_form_area_slash_what() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert!(
                code.as_str()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '/' || c == '-')
            );
        }
    }

    #[test]
    fn several_together_are_partial_only_if_something_succeeded() {
        use Exit::{Failure, Interrupted, Partial, Prerequisite, Success, Usage};
        for (exits, expected) in [
            (&[][..], Success),
            (&[Success, Success], Success),
            (&[Success, Failure], Partial),
            (&[Success, Interrupted], Partial),
            (&[Success, Partial], Partial),
            (&[Partial, Failure], Partial),
            (&[Prerequisite, Prerequisite], Prerequisite),
            (&[Prerequisite, Usage], Failure),
            (&[Interrupted, Failure], Interrupted),
        ] {
            assert_eq!(Exit::of_several(exits), expected, "{exits:?}");
        }
    }

    #[test]
    fn display_names_place_cause_remedy_and_code() {
        let cause = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
        let error = Error::new(Code::ConfigRead, "cannot read the configuration")
            .file("sindri.yaml")
            .line(3)
            .key("providers.packer")
            .source(cause)
            .remedy("create it");
        assert_eq!(
            error.to_string(),
            "sindri.yaml:3: providers.packer: cannot read the configuration: no such file\n  next: create it\n  code: config/read"
        );
        assert_eq!(error.to_json()["line"], 3);
    }
}
