//! `Microsoft.Compute/galleries`, their definitions and versions.

use super::TAGS;
use crate::schema::{Shape, ignored, optional, required};

const TEXTS: Shape = Shape::List(&Shape::Text);

fn is_timestamp(text: &str) -> bool {
    use time::format_description::well_known::Rfc3339;
    // `az` sends a date alone.
    time::OffsetDateTime::parse(text, &Rfc3339).is_ok()
        || time::OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339).is_ok()
}

pub(in super::super) static GALLERY: Shape = Shape::Object(&[
    required("location", Shape::Text),
    optional("tags", TAGS),
    optional(
        "properties",
        Shape::Object(&[
            optional("description", Shape::Text),
            optional(
                "sharingProfile",
                Shape::Object(&[
                    optional("permissions", Shape::OneOf(&["Private", "Groups", "Community"])),
                    optional(
                        "communityGalleryInfo",
                        Shape::Object(&[
                            optional("publisherUri", Shape::Text),
                            optional("publisherContact", Shape::Text),
                            optional("eula", Shape::Text),
                            optional("publicNamePrefix", Shape::Text),
                        ]),
                    ),
                ]),
            ),
            optional(
                "softDeletePolicy",
                Shape::Object(&[optional("isSoftDeleteEnabled", Shape::Flag)]),
            ),
            ignored("identifier"),
            ignored("provisioningState"),
        ]),
    ),
    ignored("id"),
    ignored("name"),
    ignored("type"),
]);

pub(in super::super) static GALLERY_SHARE: Shape = Shape::Object(&[
    required(
        "operationType",
        Shape::OneOf(&["Add", "Remove", "Reset", "EnableCommunity"]),
    ),
    optional(
        "groups",
        Shape::List(&Shape::Object(&[
            required("type", Shape::OneOf(&["Subscriptions", "AADTenants"])),
            required("ids", TEXTS),
        ])),
    ),
]);

pub(in super::super) static GALLERY_IMAGE: Shape = Shape::Object(&[
    required("location", Shape::Text),
    optional("tags", TAGS),
    required(
        "properties",
        Shape::Object(&[
            required("osType", Shape::OneOf(&["Linux", "Windows"])),
            required("osState", Shape::OneOf(&["Generalized", "Specialized"])),
            required(
                "identifier",
                Shape::Object(&[
                    required("publisher", Shape::Text),
                    required("offer", Shape::Text),
                    required("sku", Shape::Text),
                ]),
            ),
            optional("hyperVGeneration", Shape::OneOf(&["V1", "V2"])),
            optional("architecture", Shape::OneOf(&["x64", "Arm64"])),
            optional(
                "features",
                Shape::List(&Shape::Object(&[
                    required("name", Shape::Text),
                    required("value", Shape::Text),
                ])),
            ),
            optional("description", Shape::Text),
            optional("eula", Shape::Text),
            optional("privacyStatementUri", Shape::Text),
            optional("releaseNoteUri", Shape::Text),
            optional("endOfLifeDate", Shape::Form("a time", is_timestamp)),
            optional("recommended", Shape::Any),
            optional("disallowed", Shape::Any),
            optional("purchasePlan", Shape::Any),
            ignored("provisioningState"),
        ]),
    ),
    ignored("id"),
    ignored("name"),
    ignored("type"),
]);

const STORAGE: Shape = Shape::OneOf(&["Standard_LRS", "Standard_ZRS", "Premium_LRS"]);

const REPLICAS: Shape = Shape::Integer(1, 100);

const SOURCE_DISK: Shape = Shape::Object(&[
    optional("lun", Shape::Integer(0, 63)),
    optional("hostCaching", Shape::OneOf(&["None", "ReadOnly", "ReadWrite"])),
    optional(
        "source",
        Shape::Object(&[
            optional("id", Shape::Text),
            optional("uri", Shape::Text),
            optional("storageAccountId", Shape::Text),
        ]),
    ),
    ignored("sizeInGB"),
]);

pub(in super::super) static GALLERY_VERSION: Shape = Shape::Object(&[
    required("location", Shape::Text),
    optional("tags", TAGS),
    required(
        "properties",
        Shape::Object(&[
            optional(
                "publishingProfile",
                Shape::Object(&[
                    optional(
                        "targetRegions",
                        Shape::List(&Shape::Object(&[
                            required("name", Shape::Text),
                            optional("regionalReplicaCount", REPLICAS),
                            optional("storageAccountType", STORAGE),
                            optional("encryption", Shape::Any),
                            optional("excludeFromLatest", Shape::Flag),
                        ])),
                    ),
                    optional("replicaCount", REPLICAS),
                    optional("excludeFromLatest", Shape::Flag),
                    optional("endOfLifeDate", Shape::Form("a time", is_timestamp)),
                    optional("storageAccountType", STORAGE),
                    optional("replicationMode", Shape::OneOf(&["Full", "Shallow"])),
                    ignored("publishedDate"),
                ]),
            ),
            required(
                "storageProfile",
                Shape::Object(&[
                    optional(
                        "source",
                        Shape::Object(&[
                            optional("id", Shape::Text),
                            optional("virtualMachineId", Shape::Text),
                        ]),
                    ),
                    optional("osDiskImage", SOURCE_DISK),
                    optional("dataDiskImages", Shape::List(&SOURCE_DISK)),
                ]),
            ),
            optional(
                "safetyProfile",
                Shape::Object(&[
                    optional("allowDeletionOfReplicatedLocations", Shape::Flag),
                    optional("blockDeletionBeforeEndOfLife", Shape::Flag),
                    ignored("reportedForPolicyViolation"),
                    ignored("policyViolations"),
                ]),
            ),
            ignored("provisioningState"),
            ignored("replicationStatus"),
        ]),
    ),
    ignored("id"),
    ignored("name"),
    ignored("type"),
]);
