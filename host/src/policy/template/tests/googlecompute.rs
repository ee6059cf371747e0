//! Templates of Google Cloud.

use super::*;

const MINIMAL: &str = "  project_id = \"my-project\"\n  zone = \"us-central1-a\"\n  source_image_family = \"ubuntu-2204-lts\"\n  ssh_username = \"packer\"\n  image_name = \"sindri-vm\"\n  disable_default_service_account = true\n";

fn google(extra: &str) -> String {
    format!(
        "source \"googlecompute\" \"vm\" {{\n{MINIMAL}{extra}\n}}\nbuild {{\n  sources = [\"source.googlecompute.vm\"]\n}}\n"
    )
}

fn configured() -> Json {
    json!({
        "project_id": "my-project", "zone": "us-central1-a", "machine_type": "e2-standard-4", "disk_size": 80,
        "disk_type": "pd-ssd", "source_image_project_id": ["ubuntu-os-cloud"], "network_tags": ["build"],
        "image_storage_locations": [], "omit_external_ip": false, "use_internal_ip": false,
        "enable_secure_boot": false, "enable_vtpm": true, "enable_integrity_monitoring": true,
    })
}

fn compile_google(hcl: &str, packer: Option<Version>, changes: &[(&str, Json)]) -> Result<Template> {
    let builders = [BuilderRequest::known("googlecompute")];
    let plugins = [PackerPlugin {
        name: "googlecompute".into(),
        source: "github.com/hashicorp/googlecompute".into(),
        version: ">= 1.2.3".into(),
    }];
    // The settings outlive the closure, so that they borrow from what lives longest.
    let (builders, plugins): (&'static [BuilderRequest; 1], &'static [PackerPlugin; 1]) =
        (Box::leak(Box::new(builders)), Box::leak(Box::new(plugins)));
    compile_with(hcl, |settings, config| {
        settings.builders = builders;
        settings.packer_plugins = plugins;
        settings.packer = packer;
        *config = configured().as_object().unwrap().clone();
        for (key, value) in changes {
            config.insert((*key).to_owned(), value.clone());
        }
    })
}

fn source_of_google(template: &Template) -> Json {
    json_of(template)["source"]["googlecompute"]["vm"].clone()
}

#[track_caller]
fn refused_google(extra: &str, code: Code) {
    match compile_google(&google(extra), None, &[]) {
        Ok(_) => panic!("compiled: {extra}"),
        Err(error) => assert_eq!(error.code(), code, "{error}\n{extra}"),
    }
}

#[test]
fn the_host_adds_what_a_plugin_must_not_decide() {
    let template = compile_google(&google(""), None, &[]).unwrap();
    assert_eq!(
        (template.builder(), template.image_name()),
        ("googlecompute", "sindri-vm")
    );
    let source = source_of_google(&template);
    assert_eq!(
        source["metadata"],
        json!({ "block-project-ssh-keys": "TRUE", "enable-oslogin": "FALSE" })
    );
    assert_eq!(source["disable_default_service_account"], true);
    assert_eq!(source["use_os_login"], false);
    assert_eq!(source["ssh_disable_agent_forwarding"], true);
    assert_eq!(source["temporary_key_pair_type"], "ed25519");

    let defiant = google("").replace(
        "disable_default_service_account = true",
        "scopes = [\"https://www.googleapis.com/auth/cloud-platform\"]",
    );
    assert_eq!(
        compile_google(&defiant, None, &[]).unwrap_err().code(),
        Code::TemplatePinned,
        "scopes of the project's default account"
    );
    let more = google("  metadata = { team = \"x\", enable-oslogin = \"TRUE\" }");
    let source = source_of_google(&compile_google(&more, None, &[]).unwrap());
    assert_eq!(
        source["metadata"],
        json!({ "team": "x", "block-project-ssh-keys": "TRUE", "enable-oslogin": "FALSE" })
    );

    let email = json!("vm@my-project.iam.gserviceaccount.com");
    let own = google("  service_account_email = \"vm@my-project.iam.gserviceaccount.com\"");
    let source = source_of_google(&compile_google(&own, None, &[("service_account_email", email)]).unwrap());
    assert!(
        source.get("disable_default_service_account").is_none(),
        "Packer refuses both"
    );
}

#[test]
fn what_reads_the_host_or_redirects_packer_is_refused() {
    for line in [
        "metadata_files = { k = \"/proc/self/environ\" }",
        "metadata = { startup-script = \"curl evil\" }",
        "metadata = { Startup-Script-URL = \"https://evil.example/x\" }",
        "metadata = { ssh-keys = \"evil:ssh-ed25519 AAAA\" }",
        "metadata = { \"serial-port-enable\" = \"TRUE\" }",
        "image_platform_key = \"/root/.ssh/id_rsa\"",
        "credentials_json = \"{}\"",
        "account_file = \"/root/.config/gcloud/key.json\"",
        "access_token = \"x\"",
        "image_project_id = \"evil\"",
        "use_iap = true",
        "iap_hashbang = \"/bin/sh\"",
        "impersonate_service_account = \"x@y\"",
        "startup_script_file = \"/etc/passwd\"",
        "use_os_login = true",
    ] {
        refused_google(&format!("  {line}"), Code::TemplateAttribute);
    }
    refused_google(
        "  custom_endpoints = { compute = \"https://evil.example/\" }",
        Code::TemplatePinned,
    );
    refused_google(
        "  disk_attachment {\n    volume_size = 1\n  }",
        Code::TemplateBlock,
    );
    refused_google(
        "  image_encryption_key {\n    rawKey = \"x\"\n  }",
        Code::TemplateAttribute,
    );
}

#[test]
fn only_the_user_chooses_place_size_and_identity() {
    for line in [
        "machine_type = \"a3-megagpu-8g\"",
        "disk_size = 65536",
        "source_image = \"evil-base\"",
        "source_image_project_id = [\"evil-project\"]",
        "source_image_project_id = [\"ubuntu-os-cloud\", \"evil-project\"]",
        "network = \"prod\"",
        "subnetwork = \"prod\"",
        "network_project_id = \"evil\"",
        "tags = [\"allow-everything\"]",
        "omit_external_ip = true",
        "enable_vtpm = false",
        "enable_secure_boot = true",
        "image_family = \"prod\"",
        "image_storage_locations = [\"asia\"]",
        "service_account_email = \"owner@my-project.iam.gserviceaccount.com\"",
    ] {
        refused_google(&format!("  {line}"), Code::TemplatePinned);
    }
    refused_google(
        "  image_encryption_key {\n    kmsKeyName = \"x\"\n  }",
        Code::TemplatePinned,
    );
    refused_google(
        "  scopes = [\"https://www.googleapis.com/auth/gmail.readonly\"]",
        Code::TemplateValue,
    );
    for (from, to) in [("my-project", "evil-project"), ("us-central1-a", "us-central1-b")] {
        let hcl = google("").replace(from, to);
        assert_eq!(
            compile_google(&hcl, None, &[]).unwrap_err().code(),
            Code::TemplatePinned
        );
    }
    compile_google(
        &google(
            "  tags = [\"build\"]\n  source_image_project_id = [\"ubuntu-os-cloud\"]\n  enable_vtpm = true",
        ),
        None,
        &[],
    )
    .unwrap();
}

#[test]
fn braces_in_the_description_are_written_because_packer_renders_once() {
    let template = compile_google(&google("  image_description = \"a {{`{{`}} b\""), None, &[]).unwrap();
    assert_eq!(source_of_google(&template)["image_description"], "a {{`{{`}} b");
    assert!(template.unwritten().is_empty());
}

#[test]
fn an_old_packer_gets_nothing_that_it_does_not_know() {
    let old = || Some(Version::new(1, 6, 6));
    let error = |extra: &str| {
        compile_google(&google(extra), old(), &[])
            .map(|_| ())
            .unwrap_err()
            .code()
    };
    assert_eq!(error("  image_architecture = \"ARM64\""), Code::TemplateAttribute);
    let key = "  disk_encryption_key {\n    kmsKeyName = \"k\"\n  }";
    assert_eq!(error(key), Code::TemplateBlock);
    let source = source_of_google(&compile_google(&google(""), old(), &[]).unwrap());
    assert!(source.get("temporary_key_pair_type").is_none());
}

#[test]
fn another_endpoint_is_the_users_and_needs_a_packer_that_knows_it() {
    let endpoint = [("endpoint_url", json!("http://127.0.0.1:5000/compute/v1/"))];
    let template = compile_google(&google(""), None, &endpoint).unwrap();
    assert_eq!(
        source_of_google(&template)["custom_endpoints"],
        json!({ "compute": "http://127.0.0.1:5000/compute/v1/" })
    );
    let old = compile_google(&google(""), Some(Version::new(1, 6, 6)), &endpoint);
    assert_eq!(old.map(|_| ()).unwrap_err().code(), Code::ConfigConflict);
}
