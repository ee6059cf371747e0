//! The parts of the `oci` command's JSON that plans read: keys in kebab case, the payload under `data`.
//! Unknown members are left alone, missing ones that OCI always sends are an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use sindri_plugin_sdk::History;
use sindri_plugin_sdk::contract::{self, Architecture, ImageState, Problem, Tag};
use sindri_plugin_sdk::tags::labels;

use crate::shape;

/// Free-form tags.
pub(crate) type FreeformTags = BTreeMap<String, String>;

/// What a command printed under `data`.
pub(crate) fn data<T: DeserializeOwned>(history: &History<'_>, step: &str) -> Result<T, Problem> {
    let payload = payload(history, step)?.unwrap_or_default();
    decode(payload, step)
}

/// A struct with the one member would take a list with one entry for the document as well.
fn payload(history: &History<'_>, step: &str) -> Result<Option<Json>, Problem> {
    let mut document: Map<String, Json> = history.decode(step)?;
    Ok(document.remove("data"))
}

fn decode<T: DeserializeOwned>(payload: Json, step: &str) -> Result<T, Problem> {
    serde_json::from_value(payload).map_err(|error| {
        Problem::new(
            "unreadable-output",
            format!("the output of step `{step}` is not what was expected: {error}"),
        )
        .remedy("run the command shown by --plan by hand and look at what it prints")
    })
}

/// The same, and `None` when the command failed in a way that the plan tolerates.
pub(crate) fn tolerated<T: DeserializeOwned>(
    history: &History<'_>,
    step: &str,
) -> Result<Option<T>, Problem> {
    if history.has(step) && !history.succeeded(step) {
        return Ok(None);
    }
    data(history, step).map(Some)
}

/// A list under `data`. For an empty one `oci` prints nothing at all, or a document without `data` if there is anything
/// else to say: `{"prefixes": []}`.
pub(crate) fn list<T: DeserializeOwned>(history: &History<'_>, step: &str) -> Result<Vec<T>, Problem> {
    if printed_nothing(history, step) {
        return Ok(Vec::new());
    }
    match payload(history, step)? {
        Some(payload) => decode(payload, step),
        None => Ok(Vec::new()),
    }
}

/// The same, and `None` when the command failed in a way that the plan tolerates.
pub(crate) fn tolerated_list<T: DeserializeOwned>(
    history: &History<'_>,
    step: &str,
) -> Result<Option<Vec<T>>, Problem> {
    if history.has(step) && !history.succeeded(step) {
        return Ok(None);
    }
    list(history, step).map(Some)
}

/// What a `--query` that filters `data` left of it: a bare list, and nothing at all where there was no data.
pub(crate) fn filtered<T: DeserializeOwned>(history: &History<'_>, step: &str) -> Result<Vec<T>, Problem> {
    if printed_nothing(history, step) {
        return Ok(Vec::new());
    }
    history.decode(step)
}

fn printed_nothing(history: &History<'_>, step: &str) -> bool {
    history.succeeded(step)
        && history
            .get(step)
            .is_some_and(|result| result.stdout.trim().is_empty())
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Image {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    pub(crate) lifecycle_state: String,
    /// None for Oracle's own platform images.
    #[serde(default)]
    pub(crate) compartment_id: Option<String>,
    #[serde(default)]
    pub(crate) time_created: Option<String>,
    #[serde(default)]
    pub(crate) size_in_mbs: Option<u32>,
    #[serde(default)]
    pub(crate) freeform_tags: Option<FreeformTags>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) lifecycle_state: String,
    #[serde(default)]
    pub(crate) freeform_tags: Option<FreeformTags>,
}

/// A network security group, an image capability schema: what has an id and tags.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Thing {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) lifecycle_state: Option<String>,
    #[serde(default)]
    pub(crate) freeform_tags: Option<FreeformTags>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Subnet {
    pub(crate) vcn_id: String,
    /// None for a subnet of the whole region.
    #[serde(default)]
    pub(crate) availability_domain: Option<String>,
    #[serde(default)]
    pub(crate) prohibit_public_ip_on_vnic: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Vnic {
    #[serde(default)]
    pub(crate) is_primary: Option<bool>,
    #[serde(default)]
    pub(crate) public_ip: Option<String>,
    #[serde(default)]
    pub(crate) private_ip: Option<String>,
}

/// A shape that an availability domain offers.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Offer {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) ocpu_options: Option<OcpuOptions>,
    #[serde(default)]
    pub(crate) memory_options: Option<MemoryOptions>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct OcpuOptions {
    #[serde(default)]
    pub(crate) min: Option<f64>,
    #[serde(default)]
    pub(crate) max: Option<f64>,
}

/// `oci` writes the GB of the first two as `in-g-bs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MemoryOptions {
    #[serde(default)]
    pub(crate) min_in_g_bs: Option<f64>,
    #[serde(default)]
    pub(crate) max_in_g_bs: Option<f64>,
    #[serde(default)]
    pub(crate) min_per_ocpu_in_gbs: Option<f64>,
    #[serde(default)]
    pub(crate) max_per_ocpu_in_gbs: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AvailabilityDomain {
    pub(crate) name: String,
}

/// A file in Object Storage.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Object {
    pub(crate) name: String,
}

/// A shape on which an image starts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Compatibility {
    pub(crate) shape: String,
}

/// Tags in the contract's form.
pub(crate) fn tags(tags: Option<&FreeformTags>) -> Vec<Tag> {
    tags.into_iter()
        .flatten()
        .map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        })
        .collect()
}

/// The processor on which an image starts; none when the shapes do not agree or there are none.
pub(crate) fn architecture_of(shapes: &[Compatibility]) -> Option<Architecture> {
    let mut all = shapes.iter().map(|entry| shape::architecture(&entry.shape));
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

impl Image {
    /// The display name, which OCI lets people take away.
    pub(crate) fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or_default()
    }

    /// Size of the smallest boot volume for it.
    pub(crate) fn size_gib(&self) -> Option<u32> {
        self.size_in_mbs.map(|mebibytes| mebibytes.div_ceil(1024))
    }

    /// The image in the contract's form.
    pub(crate) fn into_contract(self, location: &str, architecture: Option<Architecture>) -> contract::Image {
        let tags = tags(self.freeform_tags.as_ref());
        contract::Image {
            size_gib: self.size_gib(),
            name: self.name().to_owned(),
            state: match self.lifecycle_state.as_str() {
                "AVAILABLE" => ImageState::Available,
                // While it is exported nothing can be launched from it.
                "PROVISIONING" | "IMPORTING" | "EXPORTING" => ImageState::Pending,
                "DISABLED" | "DELETED" => ImageState::Deregistered,
                _ => ImageState::Unknown,
            },
            labels: labels(&tags),
            id: self.id,
            description: String::new(),
            created_at: self.time_created.as_deref().map(utc),
            architecture,
            location: location.to_owned(),
            public: self.compartment_id.is_none(),
            copies: Vec::new(),
            tags,
        }
    }
}

/// `2026-11-22T09:40:00.123000+00:00`, as `oci` writes times, in the form that everything else uses.
fn utc(time: &str) -> String {
    match (time.strip_suffix("+00:00"), time.get(..19)) {
        (Some(_), Some(seconds)) => format!("{seconds}Z"),
        _ => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindri_plugin_sdk::contract::{StepResult, StepStatus};

    fn printed(text: &str) -> Vec<StepResult> {
        vec![StepResult {
            step_id: "x".to_owned(),
            status: StepStatus::Exited(0),
            stdout: text.to_owned(),
            error_code: None,
        }]
    }

    #[test]
    fn an_empty_list_is_nothing_at_all_and_a_missing_object_is_an_error() {
        let nothing = printed("\n");
        let history = History::new(&nothing);
        assert!(list::<Compatibility>(&history, "x").unwrap().is_empty());
        let no_data = printed(r#"{"prefixes": []}"#);
        assert!(
            list::<Compatibility>(&History::new(&no_data), "x")
                .unwrap()
                .is_empty()
        );
        let null = printed(r#"{"data": null}"#);
        assert!(list::<Compatibility>(&History::new(&null), "x").is_err());
        assert!(filtered::<Compatibility>(&history, "x").unwrap().is_empty());
        assert!(data::<Compatibility>(&history, "x").is_err());
        let some = printed(r#"{"data": [{"shape": "VM.Standard.A1.Flex"}]}"#);
        assert_eq!(list::<Compatibility>(&History::new(&some), "x").unwrap().len(), 1);
        let bare = printed(r#"[{"shape": "VM.Standard.A1.Flex"}]"#);
        assert_eq!(
            filtered::<Compatibility>(&History::new(&bare), "x")
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn an_image_for_both_processors_or_none_has_no_architecture() {
        let shapes = |names: &[&str]| {
            names
                .iter()
                .map(|name| Compatibility {
                    shape: (*name).to_owned(),
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(architecture_of(&[]), None);
        assert_eq!(
            architecture_of(&shapes(&["VM.Standard.A1.Flex", "VM.Standard.E4.Flex"])),
            None
        );
        assert_eq!(
            architecture_of(&shapes(&["VM.Standard.A1.Flex", "VM.Standard.A2.Flex"])),
            Some(Architecture::Arm64)
        );
    }

    #[test]
    fn times_are_written_like_everywhere_else() {
        assert_eq!(utc("2026-11-22T09:40:00.123000+00:00"), "2026-11-22T09:40:00Z");
        assert_eq!(utc("2026-11-22T09:40:00Z"), "2026-11-22T09:40:00Z");
        assert_eq!(utc("+00:00"), "+00:00");
    }
}
