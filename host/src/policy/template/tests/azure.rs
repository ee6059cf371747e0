//! `azure-arm`: what the host adds, and what it keeps from the plugin.

use super::*;

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
const MANAGED: &str =
    "  managed_image_name = \"sindri-x\"\n  managed_image_resource_group_name = \"images\"\n";
const GALLERY: &str = "  shared_image_gallery_destination {\n    subscription = \"00000000-0000-0000-0000-000000000001\"\n    resource_group = \"images\"\n    gallery_name = \"golden\"\n    image_name = \"sindri\"\n    image_version = \"1.2.3\"\n  }\n";

fn azure(extra: &str) -> String {
    format!(
        "source \"azure-arm\" \"vm\" {{\n  location = \"westus2\"\n  vm_size = \"Standard_D4s_v4\"\n  os_type = \"Linux\"\n{extra}\n}}\n"
    )
}

fn compile_azure(
    hcl: &str,
    change: impl FnOnce(&mut Settings<'_>, &mut Map<String, Json>),
) -> Result<Template> {
    let builders: &'static [BuilderRequest] = Box::leak(Box::new([BuilderRequest::known("azure-arm")]));
    compile_with(hcl, |settings, config| {
        settings.builders = builders;
        settings.connection.source_cidrs = vec!["192.0.2.0/24".into()];
        *config = json!({
            "subscription_id": SUBSCRIPTION, "resource_group": "images", "location": "westus2",
            "vm_size": "Standard_D4s_v4", "os_disk_size_gb": 80, "storage_account_type": "Premium_LRS",
            "gallery": { "gallery_name": "golden", "image_name": "sindri", "replication_regions": ["eastus"] },
            "virtual_network_name": "net", "spot": { "eviction_policy": "Delete", "max_price": "0.5" },
        })
        .as_object()
        .unwrap()
        .clone();
        change(settings, config);
    })
}

fn body(template: &Template) -> Json {
    json_of(template)["source"]["azure-arm"]["vm"].clone()
}

#[test]
fn the_host_logs_in_and_says_in_which_subscription() {
    let template = compile_azure(&azure(MANAGED), |_, _| ()).unwrap();
    let source = body(&template);
    assert_eq!(source["subscription_id"], SUBSCRIPTION);
    assert_eq!(source["use_azure_cli_auth"], true);
    assert_eq!(source["communicator"], "ssh");
    assert_eq!(source["allowed_inbound_ip_addresses"], json!(["192.0.2.0/24"]));
    assert_eq!(template.image_name(), "sindri-x");
}

#[test]
fn an_old_packer_does_not_wait_for_a_browser() {
    let template = compile_azure(&azure(MANAGED), |settings, _| {
        settings.packer = Some(Version::new(1, 6, 6));
    })
    .unwrap();
    assert!(body(&template).get("subscription_id").is_none());
    assert_eq!(body(&template)["use_azure_cli_auth"], true);
}

#[test]
fn without_addresses_the_machine_would_be_open_to_the_world() {
    let alone = |hcl: &str| compile_azure(hcl, |settings, _| settings.connection.source_cidrs.clear());
    let error = alone(&azure(MANAGED)).unwrap_err();
    assert_eq!(error.code(), Code::ConfigMissingKeys);
    // There Packer makes no group, and refuses to be told whom it is for.
    let template = alone(&azure(&format!("{MANAGED}  virtual_network_name = \"net\""))).unwrap();
    assert!(body(&template).get("allowed_inbound_ip_addresses").is_none());
}

#[test]
fn a_version_in_a_gallery_is_named_by_its_definition() {
    let template = compile_azure(&azure(GALLERY), |_, _| ()).unwrap();
    assert_eq!(template.image_name(), "sindri/1.2.3");
    let both = compile_azure(&azure(&format!("{MANAGED}{GALLERY}")), |_, _| ()).unwrap();
    assert_eq!(both.image_name(), "sindri-x");
    let error = compile_azure(&azure(""), |_, _| ()).unwrap_err();
    assert_eq!(error.code(), Code::TemplateValue, "an image without a name");
}

#[test]
fn only_the_user_chooses_gallery_network_price_and_place() {
    for (hcl, what) in [
        (GALLERY.replace("golden", "evil"), "another gallery"),
        (GALLERY.replace("\"images\"", "\"evil\""), "another group"),
        (
            GALLERY.replace("000000000001", "000000000002"),
            "another subscription",
        ),
        (
            GALLERY.replace(
                "image_version",
                "replication_regions = [\"westeurope\"]\n    image_version",
            ),
            "another region",
        ),
        (
            format!("{MANAGED}  spot {{\n    max_price = \"9\"\n  }}"),
            "another price",
        ),
        (
            format!("{MANAGED}  virtual_network_subnet_name = \"a\""),
            "a subnet",
        ),
        (MANAGED.replace("\"images\"", "\"evil\""), "another group"),
    ] {
        let error = compile_azure(&azure(&hcl), |_, _| ()).unwrap_err();
        assert_eq!(error.code(), Code::TemplatePinned, "{what}");
    }
    let granted = format!(
        "{}  spot {{\n    eviction_policy = \"Delete\"\n    max_price = \"0.5\"\n  }}",
        GALLERY.replace(
            "image_version",
            "replication_regions = [\"eastus\"]\n    image_version"
        )
    );
    assert!(compile_azure(&azure(&granted), |_, _| ()).is_ok());
}

#[test]
fn attributes_that_log_in_read_files_or_take_other_images_are_refused() {
    for extra in [
        "  use_azure_cli_auth = true",
        "  client_id = \"x\"",
        "  user_data_file = \"/root/.azure/accessTokens.json\"",
        "  metadata_host = \"evil.example\"",
        "  build_resource_group_name = \"production\"",
        "  image_url = \"https://evil.example/x.vhd\"",
        "  user_assigned_managed_identities = [\"/subscriptions/x\"]",
    ] {
        let error = compile_azure(&azure(&format!("{MANAGED}{extra}")), |_, _| ()).unwrap_err();
        assert_eq!(error.code(), Code::TemplateAttribute, "{extra}");
    }
}

#[test]
fn what_the_user_asked_for_is_not_left_out() {
    let demand = |hcl: &str| {
        compile_azure(hcl, |_, config| {
            config.insert("secure_boot_enabled".into(), json!(true));
        })
    };
    let error = demand(&azure(GALLERY)).unwrap_err();
    assert_eq!(error.code(), Code::TemplatePinned);
    assert!(demand(&azure(&format!("{GALLERY}  secure_boot_enabled = true"))).is_ok());
}

#[test]
fn a_tag_may_hold_any_text() {
    let hcl = azure(&format!(
        "{MANAGED}  azure_tags = {{ note = \"a {{{{`{{{{`}}}} b\" }}"
    ));
    let template = compile_azure(&hcl, |_, _| ()).unwrap();
    assert_eq!(body(&template)["azure_tags"]["note"], "a {{`{{`}} b");
    assert!(template.unwritten().is_empty(), "Packer renders it once");
}

#[test]
fn a_build_without_a_connection_would_wait_for_ever() {
    let error = compile_azure(&azure(MANAGED), |settings, _| {
        settings.connection.communicator = Communicator::None;
    })
    .unwrap_err();
    assert_eq!(error.code(), Code::ConfigValue);
}
