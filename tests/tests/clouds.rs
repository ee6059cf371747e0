//! Real builders against the clouds of the lab: that each runs to its end there, breaks no rule of the cloud's API
//! and leaves nothing, also when a request fails.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sindri_lab::clouds::{azure, gcp, oci};
use sindri_lab::{Fault, Lab, Options};
use sindri_tests::lab::{Packer, Sshd};
use tempfile::TempDir;

/// A lab, and a VM that stands for all of its VMs.
struct Rehearsal {
    directory: TempDir,
    lab: Lab,
    sshd: Sshd,
}

impl Rehearsal {
    fn new() -> Self {
        Self::delayed(0)
    }

    /// One whose operations are not done when they are first asked for.
    fn delayed(polls: u32) -> Self {
        let directory = TempDir::new().unwrap();
        let mut options = Options::new(directory.path().join("lab"));
        // Debian's Packer is of 2020.
        options.old_clients = true;
        options.delay = polls;
        let lab = Lab::start(options).unwrap();
        let sshd = Sshd::start(&lab);
        Self { directory, lab, sshd }
    }

    /// A build of Debian's Packer by hand, with one provisioner that runs a command.
    fn build(&self, source: &str, attributes: &str, command: &str) -> Output {
        let folder = self.directory.path();
        // The builder of Oracle's cloud reads no variables.
        let profile = folder.join("lab/oci/config");
        let attributes = attributes.replace("OCI_CONFIG", &profile.to_string_lossy());
        let template = format!(
            "source \"{source}\" \"image\" {{\n{attributes}\n\
             communicator = \"ssh\"\nssh_username = \"{}\"\nssh_host = \"127.0.0.1\"\nssh_port = {}\n}}\n\
             build {{\nsources = [\"source.{source}.image\"]\n\
             provisioner \"shell\" {{\ninline = [\"{command}\"]\n}}\n\
             post-processor \"manifest\" {{\noutput = \"manifest.json\"\n}}\n}}\n",
            self.sshd.user(),
            self.sshd.port(),
        );
        fs::write(folder.join("image.pkr.hcl"), template).unwrap();
        Command::new(Packer::Debian.program())
            .args(["build", "-color=false", "image.pkr.hcl"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .envs(self.lab.environment().iter().cloned())
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .expect("Packer starts")
    }

    fn artifact(&self) -> String {
        let manifest = fs::read_to_string(self.directory.path().join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        manifest["builds"][0]["artifact_id"].as_str().unwrap().to_owned()
    }

    fn left(&self) -> Vec<String> {
        let left = self.lab.leftovers();
        left.iter()
            .map(|resource| format!("{} {}", resource.kind, resource.name))
            .collect()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn gcp_attributes() -> String {
    format!(
        "project_id = \"{}\"\nzone = \"{}\"\nmachine_type = \"e2-standard-4\"\nimage_name = \"built\"\n\
         source_image_family = \"ubuntu-2404-lts-amd64\"\nsource_image_project_id = [\"ubuntu-os-cloud\"]\n\
         image_labels = {{ run = \"r1\" }}\nlabels = {{ run = \"r1\" }}\nenable_secure_boot = true\nenable_vtpm = true\n\
         enable_integrity_monitoring = true\ndisable_default_service_account = true\n",
        gcp::PROJECT,
        gcp::ZONE,
    )
}

fn azure_attributes() -> String {
    format!(
        "client_id = \"{}\"\nclient_secret = \"{}\"\ntenant_id = \"{}\"\nsubscription_id = \"{}\"\n\
         location = \"{}\"\nos_type = \"Linux\"\nimage_publisher = \"Canonical\"\nimage_offer = \"ubuntu-24_04-lts\"\n\
         image_sku = \"server\"\nvm_size = \"Standard_D4s_v4\"\nmanaged_image_name = \"built\"\n\
         managed_image_resource_group_name = \"{}\"\nallowed_inbound_ip_addresses = [\"192.0.2.1\"]\n\
         azure_tags = {{ run = \"r1\" }}\n\
         shared_image_gallery_destination {{\nresource_group = \"{}\"\ngallery_name = \"{}\"\nimage_name = \"{}\"\n\
         image_version = \"1.0.0\"\nreplication_regions = [\"{}\"]\n}}\n",
        azure::CLIENT,
        azure::SECRET,
        azure::TENANT,
        azure::SUBSCRIPTION,
        azure::LOCATION,
        azure::GROUP,
        azure::GROUP,
        azure::GALLERY,
        azure::DEFINITION,
        azure::LOCATION,
    )
}

/// A shape of a fixed size: the builder inside of Packer 1.6.6 knows no flexible ones.
fn oracle_attributes() -> String {
    format!(
        "compartment_ocid = \"{}\"\navailability_domain = \"{}\"\nsubnet_ocid = \"{}\"\nshape = \"VM.Standard2.2\"\n\
         access_cfg_file = \"OCI_CONFIG\"\nimage_name = \"built\"\ndisk_size = 80\n\
         tags = {{ run = \"r1\" }}\ninstance_tags = {{ run = \"r1\" }}\n\
         create_vnic_details {{\nassign_public_ip = true\ntags = {{ run = \"r1\" }}\n}}\n\
         base_image_filter {{\noperating_system = \"Canonical Ubuntu\"\noperating_system_version = \"24.04\"\n\
         display_name_search = \"^Canonical-Ubuntu-24\\\\.04-[0-9]\"\n}}\n",
        oci::COMPARTMENT,
        oci::AVAILABILITY_DOMAIN,
        oci::Oci::network().public,
    )
}

/// The plugin's own template in short. `ssh_host` and `ssh_port` are the rehearsal's.
fn alibaba_attributes() -> String {
    "region = \"cn-hangzhou\"\ninstance_type = \"ecs.g7.xlarge\"\nimage_name = \"built\"\n\
     source_image = \"ubuntu_24_04_x64_20G_alibase_20260916.vhd\"\ninstance_name = \"sindri-run-1\"\n\
     temporary_key_pair_name = \"sindri-run-1\"\nvpc_name = \"sindri-run-1\"\nvswitch_name = \"sindri-run-1\"\n\
     security_group_name = \"sindri-run-1\"\nassociate_public_ip_address = true\n\
     internet_charge_type = \"PayByTraffic\"\ninternet_max_bandwidth_out = 10\ntags = { run = \"r1\" }\n\
     system_disk_mapping {\ndisk_category = \"cloud_essd\"\ndisk_size = 80\n}\n"
        .to_owned()
}

#[test]
fn alicloud_ecs_builds_an_image_and_leaves_nothing_but_its_snapshot() {
    let rehearsal = Rehearsal::new();
    let output = rehearsal.build("alicloud-ecs", &alibaba_attributes(), "sudo touch /etc/built");
    assert!(output.status.success(), "{}", text(&output));
    assert!(rehearsal.artifact().starts_with("cn-hangzhou:m-"));
    assert_eq!(rehearsal.left(), ["image built", "snapshot "]);
    assert_eq!(rehearsal.lab.violations(), []);
    assert!(rehearsal.sshd.changed("/etc/built").is_some());
}

#[test]
fn googlecompute_builds_an_image_and_leaves_nothing_else() {
    let rehearsal = Rehearsal::new();
    let output = rehearsal.build("googlecompute", &gcp_attributes(), "sudo touch /etc/built");
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(rehearsal.artifact(), "built");
    assert_eq!(rehearsal.left(), ["images built"]);
    assert_eq!(rehearsal.lab.violations(), []);
    assert!(rehearsal.sshd.changed("/etc/built").is_some());
}

#[test]
fn azure_arm_builds_an_image_and_a_version_and_leaves_nothing_else() {
    let rehearsal = Rehearsal::new();
    let output = rehearsal.build("azure-arm", &azure_attributes(), "sudo touch /etc/built");
    assert!(output.status.success(), "{}", text(&output));
    assert!(
        rehearsal
            .artifact()
            .ends_with("/providers/Microsoft.Compute/images/built")
    );
    assert_eq!(
        rehearsal.left(),
        [
            "Microsoft.Compute/galleries/images/versions 1.0.0",
            "Microsoft.Compute/images built"
        ]
    );
    assert_eq!(rehearsal.lab.violations(), []);
    assert!(rehearsal.sshd.changed("/etc/built").is_some());
}

#[test]
fn oracle_oci_builds_an_image_and_leaves_nothing_else() {
    let rehearsal = Rehearsal::new();
    let output = rehearsal.build("oracle-oci", &oracle_attributes(), "sudo touch /etc/built");
    assert!(output.status.success(), "{}", text(&output));
    assert!(rehearsal.artifact().starts_with("ocid1.image.oc1.phx."));
    assert_eq!(rehearsal.left(), ["images built"]);
    assert_eq!(rehearsal.lab.violations(), []);
    assert!(rehearsal.sshd.changed("/etc/built").is_some());
}

#[test]
fn builders_wait_for_a_slow_cloud() {
    for (source, attributes) in [
        ("googlecompute", gcp_attributes()),
        ("azure-arm", azure_attributes()),
        ("oracle-oci", oracle_attributes()),
    ] {
        let rehearsal = Rehearsal::delayed(1);
        let output = rehearsal.build(source, &attributes, "true");
        assert!(output.status.success(), "{}", text(&output));
        assert_eq!(rehearsal.lab.violations(), [], "{source}");
    }
}

/// Fact about Packer 1.6.6: of what it made in a group of the user's, it forgets the disk of the VM.
#[test]
fn azure_arm_forgets_its_disk_in_a_group_that_it_did_not_make() {
    let rehearsal = Rehearsal::new();
    let place = format!("location = \"{}\"", azure::LOCATION);
    let own = format!(
        "build_resource_group_name = \"{}\"\nvirtual_network_name = \"{}\"\n\
         virtual_network_subnet_name = \"{}\"\nvirtual_network_resource_group_name = \"{}\"",
        azure::BUILD_GROUP,
        azure::NETWORK,
        azure::SUBNET,
        azure::GROUP,
    );
    let attributes = azure_attributes()
        .replace(&place, &own)
        .replace("allowed_inbound_ip_addresses = [\"192.0.2.1\"]\n", "");
    let output = rehearsal.build("azure-arm", &attributes, "true");
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(rehearsal.lab.violations(), []);
    let left = rehearsal.left();
    let (disks, rest): (Vec<_>, Vec<_>) = left
        .iter()
        .partition(|left| left.starts_with("Microsoft.Compute/disks pkros"));
    assert_eq!((disks.len(), rest.len()), (1, 2), "{left:?}");
}

#[test]
fn a_failed_provisioner_leaves_nothing() {
    for (source, attributes) in [
        ("googlecompute", gcp_attributes()),
        ("azure-arm", azure_attributes()),
        ("oracle-oci", oracle_attributes()),
        ("alicloud-ecs", alibaba_attributes()),
    ] {
        let rehearsal = Rehearsal::new();
        let output = rehearsal.build(source, &attributes, "exit 3");
        assert!(!output.status.success(), "{}", text(&output));
        assert_eq!(rehearsal.left(), [""; 0], "{source}");
        assert_eq!(rehearsal.lab.violations(), [], "{source}");
    }
}

/// The faults themselves: the builder sees the cloud's own error.
#[test]
fn a_refused_image_is_the_builders_error_and_leaves_nothing() {
    for (source, attributes, path, code) in [
        (
            "googlecompute",
            gcp_attributes(),
            "/global/images",
            "quotaExceeded",
        ),
        ("azure-arm", azure_attributes(), "/images/built", "QuotaExceeded"),
        ("oracle-oci", oracle_attributes(), "/images", "QuotaExceeded"),
    ] {
        let rehearsal = Rehearsal::new();
        let method = if source == "azure-arm" { "PUT" } else { "POST" };
        rehearsal
            .lab
            .inject(Fault::refuse(403, code).method(method).path(path));
        let output = rehearsal.build(source, &attributes, "true");
        assert!(!output.status.success(), "{}", text(&output));
        assert!(text(&output).contains(code), "{}", text(&output));
        assert_eq!(rehearsal.lab.faults_to_come(), 0, "{source}");
        assert_eq!(rehearsal.left(), [""; 0], "{source}");
    }
}
