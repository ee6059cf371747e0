//! The one build that the benchmarks and the native program render, and the one answer that they read.
#![allow(dead_code, reason = "each program that includes this file uses a part of it")]

use serde_json::{Value, json};
use sindri_plugin_aws::{Aws, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider as _;
use sindri_plugin_sdk::contract::{BuildRequest, Bundle, ImageSpec, Problem};
use sindri_plugin_sdk::testing;

/// What `sindri vm build --cloud aws` asks the plugin for on a machine without `sindri.yaml`.
pub(crate) fn build_request() -> BuildRequest {
    BuildRequest {
        context: testing::context(),
        image: ImageSpec {
            name: "sindri-dev".to_owned(),
            description: "Sindri development environment".to_owned(),
            architecture: None,
            tags: testing::host_tags(),
            run_tags: testing::host_tags(),
        },
        config: section(),
    }
}

/// The template, rendered by the plugin's own code without WebAssembly.
pub(crate) fn render_natively(request: &BuildRequest) -> Result<Bundle, Problem> {
    Aws::render(request)
}

/// The plugin's section of the configuration: nothing but defaults.
pub(crate) fn section() -> String {
    testing::section(CONFIG_SCHEMA, &json!({})).unwrap_or_default()
}

/// What `aws ec2 describe-images` prints for an account with this many images of ours.
pub(crate) fn described_images(count: u32) -> Value {
    let images: Vec<Value> = (0..count).map(described_image).collect();
    json!({ "Images": images })
}

fn described_image(number: u32) -> Value {
    let id = format!("ami-{number:017x}");
    let tags: Vec<Value> = testing::host_tags()
        .into_iter()
        .map(|tag| json!({ "Key": tag.key, "Value": tag.value }))
        .collect();
    json!({
        "Architecture": "x86_64",
        "BlockDeviceMappings": [{
            "DeviceName": "/dev/sda1",
            "Ebs": {
                "DeleteOnTermination": true,
                "Encrypted": true,
                "SnapshotId": format!("snap-{number:017x}"),
                "VolumeSize": 80,
                "VolumeType": "gp3"
            }
        }],
        "BootMode": "uefi-preferred",
        "CreationDate": format!("2026-11-{:02}T10:{:02}:30.000Z", number % 28 + 1, number % 60),
        "Description": "Sindri development image",
        "EnaSupport": true,
        "Hypervisor": "xen",
        "ImageId": id,
        "ImageLocation": format!("123456789012/sindri-dev-{number}"),
        "ImageType": "machine",
        "ImdsSupport": "v2.0",
        "Name": format!("sindri-dev-{number}"),
        "OwnerId": "123456789012",
        "PlatformDetails": "Linux/UNIX",
        "Public": false,
        "RootDeviceName": "/dev/sda1",
        "RootDeviceType": "ebs",
        "SourceImageId": "ami-0aaaaaaaaaaaaaa01",
        "SriovNetSupport": "simple",
        "State": "available",
        "Tags": tags,
        "UsageOperation": "RunInstances",
        "VirtualizationType": "hvm"
    })
}
