//! `Microsoft.Compute`: VMs, disks, snapshots, managed images.

use super::{REFERENCE, TAGS, reference};
use crate::schema::{Field, Shape, ignored, optional, required};

const TEXTS: Shape = Shape::List(&Shape::Text);
const CACHING: Shape = Shape::OneOf(&["None", "ReadOnly", "ReadWrite"]);
const SYSTEM: Shape = Shape::OneOf(&["Linux", "Windows"]);
const DELETION: Shape = Shape::OneOf(&["Delete", "Detach"]);
const STORAGE: Shape = Shape::OneOf(&[
    "Standard_LRS",
    "Premium_LRS",
    "StandardSSD_LRS",
    "UltraSSD_LRS",
    "Premium_ZRS",
    "StandardSSD_ZRS",
    "PremiumV2_LRS",
]);
/// Of a disk, in GB.
const SIZE: Shape = Shape::Integer(1, 65536);

const MANAGED_DISK: Shape = Shape::Object(&[
    optional("id", Shape::Text),
    optional("storageAccountType", STORAGE),
    reference("diskEncryptionSet"),
    optional(
        "securityProfile",
        Shape::Object(&[
            optional(
                "securityEncryptionType",
                Shape::OneOf(&["VMGuestStateOnly", "DiskWithVMGuestState", "NonPersistedTPM"]),
            ),
            reference("diskEncryptionSet"),
        ]),
    ),
]);

const CREATION: Shape = Shape::OneOf(&["FromImage", "Attach", "Empty", "Copy", "Restore"]);

const SYSTEM_DISK: Shape = Shape::Object(&[
    required("createOption", CREATION),
    optional("name", Shape::Text),
    optional("osType", SYSTEM),
    optional("caching", CACHING),
    optional("diskSizeGB", SIZE),
    optional("managedDisk", MANAGED_DISK),
    optional("deleteOption", DELETION),
    optional("writeAcceleratorEnabled", Shape::Flag),
    optional(
        "diffDiskSettings",
        Shape::Object(&[
            optional("option", Shape::OneOf(&["Local"])),
            optional(
                "placement",
                Shape::OneOf(&["CacheDisk", "ResourceDisk", "NvmeDisk"]),
            ),
        ]),
    ),
]);

static DATA_DISK: Shape = Shape::Object(&[
    required("lun", Shape::Integer(0, 63)),
    required("createOption", CREATION),
    optional("name", Shape::Text),
    optional("caching", CACHING),
    optional("diskSizeGB", SIZE),
    optional("managedDisk", MANAGED_DISK),
    optional("deleteOption", DELETION),
    optional("writeAcceleratorEnabled", Shape::Flag),
]);

const IMAGE_REFERENCE: Shape = Shape::Object(&[
    optional("publisher", Shape::Text),
    optional("offer", Shape::Text),
    optional("sku", Shape::Text),
    optional("version", Shape::Text),
    optional("id", Shape::Text),
    optional("sharedGalleryImageId", Shape::Text),
    optional("communityGalleryImageId", Shape::Text),
    ignored("exactVersion"),
]);

const SYSTEM_PROFILE: Shape = Shape::Object(&[
    required("computerName", Shape::Text),
    required("adminUsername", Shape::Text),
    optional("adminPassword", Shape::Text),
    optional("customData", Shape::Text),
    optional(
        "linuxConfiguration",
        Shape::Object(&[
            optional("disablePasswordAuthentication", Shape::Flag),
            optional(
                "ssh",
                Shape::Object(&[required(
                    "publicKeys",
                    Shape::List(&Shape::Object(&[
                        required("path", Shape::Text),
                        required("keyData", Shape::Text),
                    ])),
                )]),
            ),
            optional("provisionVMAgent", Shape::Flag),
            optional(
                "patchSettings",
                Shape::Object(&[
                    optional(
                        "patchMode",
                        Shape::OneOf(&["ImageDefault", "AutomaticByPlatform"]),
                    ),
                    optional(
                        "assessmentMode",
                        Shape::OneOf(&["ImageDefault", "AutomaticByPlatform"]),
                    ),
                ]),
            ),
            ignored("enableVMAgentPlatformUpdates"),
        ]),
    ),
    optional("secrets", Shape::List(&Shape::Any)),
    optional("allowExtensionOperations", Shape::Flag),
    ignored("requireGuestProvisionSignal"),
]);

const SECURITY_PROFILE: Shape = Shape::Object(&[
    optional(
        "securityType",
        Shape::OneOf(&["TrustedLaunch", "ConfidentialVM", "Standard"]),
    ),
    optional(
        "uefiSettings",
        Shape::Object(&[
            optional("secureBootEnabled", Shape::Flag),
            optional("vTpmEnabled", Shape::Flag),
        ]),
    ),
    optional("encryptionAtHost", Shape::Flag),
]);

const PLAN: Shape = Shape::Object(&[
    required("name", Shape::Text),
    required("product", Shape::Text),
    required("publisher", Shape::Text),
    optional("promotionCode", Shape::Text),
]);

const IDENTITY: Shape = Shape::Object(&[
    required(
        "type",
        Shape::OneOf(&[
            "SystemAssigned",
            "UserAssigned",
            "SystemAssigned, UserAssigned",
            "None",
        ]),
    ),
    optional("userAssignedIdentities", Shape::Map(&Shape::Any)),
    ignored("principalId"),
    ignored("tenantId"),
]);

pub(in super::super) static VIRTUAL_MACHINE: Shape = Shape::Object(&[
    required("location", Shape::Text),
    optional("tags", TAGS),
    optional("zones", TEXTS),
    optional("plan", PLAN),
    optional("identity", IDENTITY),
    required(
        "properties",
        Shape::Object(&[
            required(
                "hardwareProfile",
                Shape::Object(&[required("vmSize", Shape::Text)]),
            ),
            required(
                "storageProfile",
                Shape::Object(&[
                    optional("imageReference", IMAGE_REFERENCE),
                    required("osDisk", SYSTEM_DISK),
                    optional("dataDisks", Shape::List(&DATA_DISK)),
                    optional("diskControllerType", Shape::OneOf(&["SCSI", "NVMe"])),
                ]),
            ),
            optional("osProfile", SYSTEM_PROFILE),
            required(
                "networkProfile",
                Shape::Object(&[required(
                    "networkInterfaces",
                    Shape::List(&Shape::Object(&[
                        required("id", Shape::Text),
                        optional(
                            "properties",
                            Shape::Object(&[
                                optional("primary", Shape::Flag),
                                optional("deleteOption", DELETION),
                            ]),
                        ),
                    ])),
                )]),
            ),
            optional("securityProfile", SECURITY_PROFILE),
            optional(
                "diagnosticsProfile",
                Shape::Object(&[optional(
                    "bootDiagnostics",
                    Shape::Object(&[
                        optional("enabled", Shape::Flag),
                        optional("storageUri", Shape::Text),
                    ]),
                )]),
            ),
            optional(
                "additionalCapabilities",
                Shape::Object(&[
                    optional("ultraSSDEnabled", Shape::Flag),
                    optional("hibernationEnabled", Shape::Flag),
                ]),
            ),
            optional("priority", Shape::OneOf(&["Regular", "Low", "Spot"])),
            optional("evictionPolicy", Shape::OneOf(&["Deallocate", "Delete"])),
            optional(
                "billingProfile",
                Shape::Object(&[optional("maxPrice", Shape::Number)]),
            ),
            optional("licenseType", Shape::Text),
            optional("userData", Shape::Text),
            ignored("vmId"),
            ignored("provisioningState"),
            ignored("timeCreated"),
            ignored("instanceView"),
        ]),
    ),
    ignored("id"),
    ignored("name"),
    ignored("type"),
    ignored("etag"),
]);

const SKU: Shape = Shape::Object(&[required("name", STORAGE), ignored("tier")]);

/// Of disks and of snapshots.
const COPY_FIELDS: &[Field] = &[
    required(
        "creationData",
        Shape::Object(&[
            required(
                "createOption",
                Shape::OneOf(&[
                    "Empty",
                    "Attach",
                    "FromImage",
                    "Import",
                    "Copy",
                    "Restore",
                    "Upload",
                ]),
            ),
            optional("sourceResourceId", Shape::Text),
            optional("sourceUri", Shape::Text),
            optional("storageAccountId", Shape::Text),
            optional(
                "imageReference",
                Shape::Object(&[
                    required("id", Shape::Text),
                    optional("lun", Shape::Integer(0, 63)),
                ]),
            ),
        ]),
    ),
    optional("osType", SYSTEM),
    optional("diskSizeGB", SIZE),
    optional("hyperVGeneration", GENERATION),
    optional("incremental", Shape::Flag),
    optional(
        "networkAccessPolicy",
        Shape::OneOf(&["AllowAll", "AllowPrivate", "DenyAll"]),
    ),
    optional("publicNetworkAccess", Shape::OneOf(&["Enabled", "Disabled"])),
    optional("encryption", Shape::Any),
    ignored("provisioningState"),
];

pub(in super::super) static DISK: Shape = Shape::Object(COPIED);

pub(in super::super) static SNAPSHOT: Shape = Shape::Object(COPIED);

const COPIED: &[Field] = &[
    required("location", Shape::Text),
    optional("tags", TAGS),
    optional("zones", TEXTS),
    optional("sku", SKU),
    required("properties", Shape::Object(COPY_FIELDS)),
    ignored("id"),
    ignored("name"),
    ignored("type"),
];

const GENERATION: Shape = Shape::OneOf(&["V1", "V2"]);

const IMAGE_DISK_FIELDS: &[Field] = &[
    optional("lun", Shape::Integer(0, 63)),
    optional("osType", SYSTEM),
    optional("osState", Shape::OneOf(&["Generalized", "Specialized"])),
    reference("managedDisk"),
    reference("snapshot"),
    optional("blobUri", Shape::Text),
    optional("caching", CACHING),
    optional("diskSizeGB", SIZE),
    optional("storageAccountType", STORAGE),
    reference("diskEncryptionSet"),
];

pub(in super::super) static IMAGE: Shape = Shape::Object(&[
    required("location", Shape::Text),
    optional("tags", TAGS),
    required(
        "properties",
        Shape::Object(&[
            optional("sourceVirtualMachine", REFERENCE),
            optional(
                "storageProfile",
                Shape::Object(&[
                    optional("osDisk", Shape::Object(IMAGE_DISK_FIELDS)),
                    optional("dataDisks", Shape::List(&Shape::Object(IMAGE_DISK_FIELDS))),
                    optional("zoneResilient", Shape::Flag),
                ]),
            ),
            optional("hyperVGeneration", GENERATION),
            ignored("provisioningState"),
        ]),
    ),
    ignored("id"),
    ignored("name"),
    ignored("type"),
]);
