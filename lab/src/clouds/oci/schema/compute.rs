//! Instances and images.

use super::{DEFINED_TAGS, FREEFORM_TAGS, NAME, OCID};
use crate::schema::{Shape, optional, required};

const LAUNCH_MODE: Shape =
    Shape::OneOf(&["NATIVE", "EMULATED", "PARAVIRTUALIZED", "ACCELERATEDPV", "CUSTOM"]);

const VNIC: Shape = Shape::Object(&[
    optional("assignPublicIp", Shape::Flag),
    optional("assignPrivateDnsRecord", Shape::Flag),
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
    optional("hostnameLabel", Shape::Text),
    optional("nsgIds", Shape::List(&OCID)),
    optional("privateIp", Shape::Text),
    optional("skipSourceDestCheck", Shape::Flag),
    optional("subnetId", OCID),
]);

const VOLUME_TYPE: Shape = Shape::OneOf(&["ISCSI", "SCSI", "IDE", "VFIO", "PARAVIRTUALIZED", "NVME"]);

const LAUNCH_OPTIONS: Shape = Shape::Object(&[
    optional("bootVolumeType", VOLUME_TYPE),
    optional("firmware", Shape::OneOf(&["BIOS", "UEFI_64"])),
    optional(
        "networkType",
        Shape::OneOf(&["E1000", "VFIO", "PARAVIRTUALIZED", "ACCELERATEDPV"]),
    ),
    optional("remoteDataVolumeType", VOLUME_TYPE),
    optional("isPvEncryptionInTransitEnabled", Shape::Flag),
    optional("isConsistentVolumeNamingEnabled", Shape::Flag),
]);

const INSTANCE_OPTIONS: Shape = Shape::Object(&[optional("areLegacyImdsEndpointsDisabled", Shape::Flag)]);

const SHAPE_CONFIG: Shape = Shape::Object(&[
    optional("ocpus", Shape::Number),
    optional("memoryInGBs", Shape::Number),
    optional(
        "baselineOcpuUtilization",
        Shape::OneOf(&["BASELINE_1_8", "BASELINE_1_2", "BASELINE_1_1"]),
    ),
]);

const AGENT: Shape = Shape::Object(&[
    optional("isMonitoringDisabled", Shape::Flag),
    optional("isManagementDisabled", Shape::Flag),
    optional("areAllPluginsDisabled", Shape::Flag),
]);

const AVAILABILITY: Shape = Shape::Object(&[
    optional("isLiveMigrationPreferred", Shape::Flag),
    optional(
        "recoveryAction",
        Shape::OneOf(&["RESTORE_INSTANCE", "STOP_INSTANCE"]),
    ),
]);

/// Keys that the images' cloud-init reads, and the user's own.
const METADATA: Shape = Shape::Map(&Shape::Text);

pub(in super::super) static LAUNCH: Shape = Shape::Object(&[
    optional("agentConfig", AGENT),
    optional("availabilityConfig", AVAILABILITY),
    required("availabilityDomain", Shape::Text),
    required("compartmentId", OCID),
    optional("createVnicDetails", VNIC),
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("extendedMetadata", Shape::Map(&Shape::Any)),
    optional(
        "faultDomain",
        Shape::OneOf(&["FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"]),
    ),
    optional("freeformTags", FREEFORM_TAGS),
    // Both are older forms of what is in the VNIC's and the source's details.
    optional("hostnameLabel", Shape::Text),
    optional("imageId", OCID),
    optional("instanceOptions", INSTANCE_OPTIONS),
    optional("isPvEncryptionInTransitEnabled", Shape::Flag),
    optional("launchOptions", LAUNCH_OPTIONS),
    optional("metadata", METADATA),
    required("shape", Shape::Text),
    optional("shapeConfig", SHAPE_CONFIG),
    optional(
        "sourceDetails",
        Shape::Object(&[
            optional("bootVolumeSizeInGBs", Shape::Integer(50, 32_768)),
            optional("bootVolumeVpusPerGB", Shape::Integer(10, 120)),
            required("imageId", OCID),
            optional("kmsKeyId", OCID),
            required("sourceType", Shape::OneOf(&["image"])),
        ]),
    ),
    optional("subnetId", OCID),
]);

pub(in super::super) static UPDATE_INSTANCE: Shape = Shape::Object(&[
    optional("agentConfig", AGENT),
    optional("availabilityConfig", AVAILABILITY),
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("extendedMetadata", Shape::Map(&Shape::Any)),
    optional("freeformTags", FREEFORM_TAGS),
    optional("instanceOptions", INSTANCE_OPTIONS),
    optional("metadata", METADATA),
]);

pub(in super::super) static CREATE_IMAGE: Shape = Shape::Object(&[
    required("compartmentId", OCID),
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
    optional(
        "imageSourceDetails",
        Shape::Object(&[
            required("bucketName", Shape::Text),
            required("namespaceName", Shape::Text),
            required("objectName", Shape::Text),
            optional("operatingSystem", Shape::Text),
            optional("operatingSystemVersion", Shape::Text),
            optional("sourceImageType", Shape::OneOf(&["QCOW2", "VMDK"])),
            required("sourceType", Shape::OneOf(&["objectStorageTuple"])),
        ]),
    ),
    optional("instanceId", OCID),
    optional("launchMode", LAUNCH_MODE),
]);

/// What an image takes over from the image that its instance was made of.
pub(in super::super) const IMAGE_OF_INSTANCE: [&str; 4] =
    ["operatingSystem", "operatingSystemVersion", "launchMode", "x-arm"];

pub(in super::super) static UPDATE_IMAGE: Shape = Shape::Object(&[
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
    optional("operatingSystem", Shape::Text),
    optional("operatingSystemVersion", Shape::Text),
]);

pub(in super::super) static EXPORT: Shape = Shape::Object(&[
    required("bucketName", Shape::Text),
    required("destinationType", Shape::OneOf(&["objectStorageTuple"])),
    optional(
        "exportFormat",
        Shape::OneOf(&["QCOW2", "VMDK", "OCI", "VHD", "VDI"]),
    ),
    required("namespaceName", Shape::Text),
    required("objectName", Shape::Text),
]);

const SCHEMA_DATA: Shape = Shape::Map(&Shape::Either(&[
    Shape::Object(&[
        optional("defaultValue", Shape::Flag),
        required("descriptorType", Shape::OneOf(&["boolean"])),
        required("source", Shape::OneOf(&["GLOBAL", "IMAGE"])),
    ]),
    Shape::Object(&[
        optional("defaultValue", Shape::Integer(0, i64::MAX)),
        required("descriptorType", Shape::OneOf(&["enuminteger"])),
        required("source", Shape::OneOf(&["GLOBAL", "IMAGE"])),
        required("values", Shape::List(&Shape::Integer(0, i64::MAX))),
    ]),
    Shape::Object(&[
        optional("defaultValue", Shape::Text),
        required("descriptorType", Shape::OneOf(&["enumstring"])),
        required("source", Shape::OneOf(&["GLOBAL", "IMAGE"])),
        required("values", Shape::List(&Shape::Text)),
    ]),
]));

pub(in super::super) static CREATE_SCHEMA: Shape = Shape::Object(&[
    required("compartmentId", OCID),
    required("computeGlobalImageCapabilitySchemaVersionName", Shape::Text),
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
    required("imageId", OCID),
    required("schemaData", SCHEMA_DATA),
]);

pub(in super::super) static UPDATE_SCHEMA: Shape = Shape::Object(&[
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
    optional("schemaData", SCHEMA_DATA),
]);
