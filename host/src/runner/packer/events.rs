//! Lines of `packer build -machine-readable`: `time,target,type,data…`.

/// What Packer reports. Texts come as Packer and the VM wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step of the build.
    Say(String),
    /// Detail of a step, and all output of the VM.
    Message(String),
    /// Something went wrong.
    Error(String),
    /// A build failed.
    BuildFailed {
        /// For example `amazon-ebs.sindri`.
        build: String,
        /// Why.
        message: String,
    },
    /// One line of an artifact's description. The image's id is not taken from here but from the
    /// manifest of the run.
    Artifact {
        /// For example `amazon-ebs.sindri`.
        build: String,
        /// Counts a build's artifacts from 0; one for every post-processor.
        index: u32,
        /// For example `id`.
        field: String,
        /// What follows.
        values: Vec<String>,
    },
    /// Anything else.
    Other {
        /// For example `artifact-count`.
        kind: String,
        /// What follows.
        values: Vec<String>,
    },
    /// Not in the format at all: a crash, a plugin's own output.
    Text(String),
}

impl Event {
    /// Reads one line.
    pub fn parse(line: &str) -> Self {
        Self::parse_fields(line).unwrap_or_else(|| Self::Text(line.to_owned()))
    }

    fn parse_fields(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let time = fields.next()?;
        if time.is_empty() || !time.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let target = unescape(fields.next()?);
        let kind = fields.next()?;
        let mut values: Vec<String> = fields.map(unescape).collect();
        let event = match (kind, values.as_mut_slice()) {
            ("ui", [level, text]) => {
                let text = std::mem::take(text);
                match level.as_str() {
                    "say" => Self::Say(text),
                    "message" => Self::Message(text),
                    "error" => Self::Error(text),
                    _ => Self::Other {
                        kind: kind.to_owned(),
                        values: vec![std::mem::take(level), text],
                    },
                }
            }
            ("error", [message]) => Self::BuildFailed {
                build: target,
                message: std::mem::take(message),
            },
            ("artifact", [index, field, ..]) => match index.parse() {
                Ok(index) => {
                    let field = std::mem::take(field);
                    Self::Artifact {
                        build: target,
                        index,
                        field,
                        values: values.split_off(2),
                    }
                }
                Err(_) => Self::Other {
                    kind: kind.to_owned(),
                    values,
                },
            },
            _ => Self::Other {
                kind: kind.to_owned(),
                values,
            },
        };
        Some(event)
    }

    /// The same event with every text changed by `change`.
    #[must_use]
    pub fn map(self, change: impl Fn(&str) -> String) -> Self {
        let all = |values: Vec<String>| values.iter().map(|value| change(value)).collect();
        match self {
            Self::Say(text) => Self::Say(change(&text)),
            Self::Message(text) => Self::Message(change(&text)),
            Self::Error(text) => Self::Error(change(&text)),
            Self::Text(text) => Self::Text(change(&text)),
            Self::BuildFailed { build, message } => Self::BuildFailed {
                build: change(&build),
                message: change(&message),
            },
            Self::Artifact {
                build,
                index,
                field,
                values,
            } => Self::Artifact {
                build: change(&build),
                index,
                field: change(&field),
                values: all(values),
            },
            Self::Other { kind, values } => Self::Other {
                kind: change(&kind),
                values: all(values),
            },
        }
    }

    /// What went wrong, if that is what it says.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Error(text) | Self::BuildFailed { message: text, .. } => Some(text),
            Self::Say(_) | Self::Message(_) | Self::Artifact { .. } | Self::Other { .. } | Self::Text(_) => {
                None
            }
        }
    }
}

/// Packer escapes commas and line ends, and nothing else: a backslash and an `n` in the text cannot be
/// told from a line end.
fn unescape(field: &str) -> String {
    field
        .replace("%!(PACKER_COMMA)", ",")
        .replace("\\n", "\n")
        .replace("\\r", "\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Packer 1.6.6: a null build with a manifest; one whose template lacks attributes;
    /// one interrupted by SIGTERM. The artifact with two regions is amazon-ebs' format after the source.
    #[test]
    fn lines_of_packer_1_6() {
        let text = |text: &str| text.to_owned();
        for (line, expected) in [
            (
                "1795414077,,ui,say,==> null.x: Running post-processor:  (type manifest)",
                Event::Say(text("==> null.x: Running post-processor:  (type manifest)")),
            ),
            (
                r"1795414077,,ui,say,\n==> Wait completed after 11 milliseconds 208 microseconds",
                Event::Say(text(
                    "\n==> Wait completed after 11 milliseconds 208 microseconds",
                )),
            ),
            (
                "1795414033,,ui,error,Cancelling build after receiving terminated",
                Event::Error(text("Cancelling build after receiving terminated")),
            ),
            (
                "1795414077,,ui,error,* For security reasons%!(PACKER_COMMA) your source AMI",
                Event::Error(text("* For security reasons, your source AMI")),
            ),
            (
                "1795414077,null.x,artifact-count,2",
                Event::Other {
                    kind: text("artifact-count"),
                    values: vec![text("2")],
                },
            ),
            (
                "1795414077,null.x,artifact,0,builder-id,fnoeding.null",
                Event::Artifact {
                    build: text("null.x"),
                    index: 0,
                    field: text("builder-id"),
                    values: vec![text("fnoeding.null")],
                },
            ),
            (
                "1795414077,null.x,artifact,0,end",
                Event::Artifact {
                    build: text("null.x"),
                    index: 0,
                    field: text("end"),
                    values: vec![],
                },
            ),
            (
                "1,aws.x,artifact,0,id,us-east-1:ami-1%!(PACKER_COMMA)us-west-2:ami-2",
                Event::Artifact {
                    build: text("aws.x"),
                    index: 0,
                    field: text("id"),
                    values: vec![text("us-east-1:ami-1,us-west-2:ami-2")],
                },
            ),
            (
                "1,null.x,error,Timeout waiting for SSH.",
                Event::BuildFailed {
                    build: text("null.x"),
                    message: text("Timeout waiting for SSH."),
                },
            ),
        ] {
            assert_eq!(Event::parse(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_not_in_the_format_is_text() {
        for line in [
            "",
            "panic: runtime error",
            "a,b,c,d",
            "1",
            "1,x",
            "panic, at the disco, ui, say",
        ] {
            assert_eq!(Event::parse(line), Event::Text(line.into()));
        }
        assert!(matches!(Event::parse("1,,ui,say"), Event::Other { .. }));
        assert!(matches!(Event::parse("1,,artifact,x,id,y"), Event::Other { .. }));
    }
}
