//! Azure: what it takes, and above all what it refuses.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod client;

use client::Api;
use serde_json::{Value, json};
use sindri_lab::clouds::azure::{CLIENT, DEFINITION, GALLERY, GROUP, SECRET, SUBSCRIPTION, TENANT};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

fn arm(name: &str) -> Api {
    signed_in(Api::new(name, "management.azure.com", |_| {}))
}

fn signed_in(api: Api) -> Api {
    let (status, body) = log_in(&api, SECRET);
    assert_eq!(status, 200, "{body}");
    api.with_token(body["access_token"].as_str().unwrap().to_owned())
}

fn log_in(api: &Api, secret: &str) -> (u16, Value) {
    let scope = "scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
    let form = format!("grant_type=client_credentials&client_id={CLIENT}&client_secret={secret}&{scope}");
    api.form(
        "login.microsoftonline.com",
        &format!("/{TENANT}/oauth2/v2.0/token"),
        &form,
    )
}

fn in_group(group: &str, rest: &str) -> String {
    let separator = if rest.contains('?') { '&' } else { '?' };
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}{rest}{separator}api-version=2024-07-01")
}

fn id(group: &str, rest: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{rest}")
}

fn machine(change: impl FnOnce(&mut Value)) -> Value {
    let mut body = json!({"location": "westus2", "properties": {
        "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
        "storageProfile": {
            "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"},
            "osDisk": {"createOption": "FromImage", "deleteOption": "Delete"},
        },
        "osProfile": {
            "computerName": "vm", "adminUsername": "sindri",
            "linuxConfiguration": {
                "disablePasswordAuthentication": true,
                "ssh": {"publicKeys": [{"path": "/home/sindri/.ssh/authorized_keys", "keyData": KEY}]},
            },
        },
        "networkProfile": {"networkInterfaces": [{"id": id("g", "Microsoft.Network/networkInterfaces/nic")}]},
    }});
    change(&mut body);
    body
}

impl Api {
    fn put(&self, group: &str, kind_and_name: &str, body: &Value) -> (u16, Value) {
        self.call(
            "PUT",
            &in_group(group, &format!("/providers/{kind_and_name}")),
            Some(body),
        )
    }

    fn delete(&self, group: &str, kind_and_name: &str) -> (u16, Value) {
        self.call(
            "DELETE",
            &in_group(group, &format!("/providers/{kind_and_name}")),
            None,
        )
    }

    fn act(&self, verb: &str) -> (u16, Value) {
        let path = format!("/providers/Microsoft.Compute/virtualMachines/vm/{verb}");
        self.call("POST", &in_group("g", &path), None)
    }

    /// A group with a network, an address and an interface.
    fn with_network(self) -> Self {
        let place = json!({"location": "westus2"});
        assert_eq!(self.call("PUT", &in_group("g", ""), Some(&place)).0, 201);
        let network = json!({"location": "westus2", "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}],
        }});
        assert_eq!(
            self.put("g", "Microsoft.Network/virtualNetworks/net", &network).0,
            201
        );
        let address = json!({
            "location": "westus2", "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"},
        });
        assert_eq!(
            self.put("g", "Microsoft.Network/publicIPAddresses/ip", &address)
                .0,
            201
        );
        let interface = json!({"location": "westus2", "properties": {"ipConfigurations": [{"name": "c", "properties": {
            "subnet": {"id": id("g", "Microsoft.Network/virtualNetworks/net/subnets/s")},
            "publicIPAddress": {"id": id("g", "Microsoft.Network/publicIPAddresses/ip")},
        }}]}});
        assert_eq!(
            self.put("g", "Microsoft.Network/networkInterfaces/nic", &interface)
                .0,
            201
        );
        self
    }

    fn make_machine(&self, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        self.put("g", "Microsoft.Compute/virtualMachines/vm", &machine(change))
    }

    fn make_image(&self, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        let mut body = json!({"location": "westus2", "properties": {
            "sourceVirtualMachine": {"id": id("g", "Microsoft.Compute/virtualMachines/vm")},
        }});
        change(&mut body);
        self.put(GROUP, "Microsoft.Compute/images/image", &body)
    }
}

fn code(reply: &(u16, Value)) -> (u16, &str) {
    (reply.0, reply.1["error"]["code"].as_str().unwrap_or_default())
}

#[test]
fn only_the_right_secret_gets_a_token() {
    let api = Api::new("azure-token", "management.azure.com", |_| {});
    assert_eq!(log_in(&api, "wrong").0, 401);
    assert_eq!(api.broken(), ["unauthenticated"]);
    assert_eq!(
        code(&api.call("GET", &in_group(GROUP, ""), None)),
        (401, "AuthenticationFailed")
    );
    assert_eq!(api.broken(), ["unauthenticated"]);
    let api = signed_in(api);
    assert_eq!(api.call("GET", &in_group(GROUP, ""), None).0, 200);
    assert_eq!(api.lab.log()[0].answered, None, "the log keeps no token");
    assert_eq!(api.broken(), [""; 0]);
}

#[test]
fn an_image_goes_through_its_whole_life() {
    let api = arm("azure-life").with_network();
    let (status, made) = api.make_machine(|_| {});
    assert_eq!(
        (status, &made["properties"]["provisioningState"]),
        (201, &json!("Creating"))
    );
    assert_eq!(made["properties"]["osProfile"]["adminPassword"], Value::Null);
    let view = in_group(
        "g",
        "/providers/Microsoft.Compute/virtualMachines/vm?$expand=instanceView",
    );
    let statuses = api.call("GET", &view, None).1["properties"]["instanceView"]["statuses"].clone();
    assert_eq!(statuses[1]["code"], "PowerState/running");
    let address = in_group("g", "/providers/Microsoft.Network/publicIPAddresses/ip");
    assert_eq!(
        api.call("GET", &address, None).1["properties"]["ipAddress"],
        "127.0.0.1"
    );
    assert_eq!(api.lab.authorized_keys(), format!("{KEY}\n"));

    assert_eq!(api.act("deallocate").0, 202);
    assert_eq!(api.act("generalize").0, 200);
    assert_eq!(api.make_image(|_| {}).0, 201);
    let version = json!({"location": "westus2", "properties": {
        "storageProfile": {"source": {"id": id(GROUP, "Microsoft.Compute/images/image")}},
        "publishingProfile": {"targetRegions": [{"name": "West US 2"}, {"name": "eastus"}]},
    }});
    let place = format!("Microsoft.Compute/galleries/{GALLERY}/images/{DEFINITION}/versions/1.0.0");
    assert_eq!(api.put(GROUP, &place, &version).0, 201);
    assert_eq!(api.delete(GROUP, &place).0, 202);
    assert_eq!(api.delete(GROUP, "Microsoft.Compute/images/image").0, 202);
    assert_eq!(api.call("DELETE", &in_group("g", ""), None).0, 202);
    assert_eq!((api.left().len(), api.broken().len()), (0, 0));
}

/// Defect: an image of a VM that still has its users, keys and host name.
#[test]
fn steps_out_of_order_are_refused() {
    let api = arm("azure-order").with_network();
    api.make_machine(|_| {});
    assert_eq!(code(&api.make_image(|_| {})), (409, "OperationNotAllowed"));
    assert_eq!(api.broken(), ["wrong-order"]);
    assert_eq!(code(&api.act("generalize")), (409, "OperationNotAllowed"));
    assert_eq!(api.broken(), ["wrong-order"]);
    api.act("powerOff");
    api.act("generalize");
    assert_eq!(code(&api.act("start")), (409, "OperationNotAllowed"));
    assert_eq!(api.broken(), ["wrong-order"]);
}

/// Not a broken rule: clients have to expect it, and wait.
#[test]
fn what_is_in_use_stays() {
    let api = arm("azure-use").with_network();
    api.make_machine(|_| {});
    for (resource, expected) in [
        ("Microsoft.Network/networkInterfaces/nic", (400, "NicInUse")),
        (
            "Microsoft.Network/publicIPAddresses/ip",
            (400, "PublicIPAddressCannotBeDeleted"),
        ),
        (
            "Microsoft.Network/virtualNetworks/net",
            (400, "InUseSubnetCannotBeDeleted"),
        ),
        (
            "Microsoft.Compute/disks/vm_OsDisk_1",
            (409, "OperationNotAllowed"),
        ),
    ] {
        assert_eq!(code(&api.delete("g", resource)), expected, "{resource}");
    }
    api.delete("g", "Microsoft.Compute/virtualMachines/vm");
    assert!(
        !api.left()
            .iter()
            .any(|left| left.starts_with("Microsoft.Compute")),
        "its disk goes with it"
    );
    assert_eq!(api.delete("g", "Microsoft.Network/networkInterfaces/nic").0, 202);
    assert_eq!(
        api.delete("g", "Microsoft.Network/networkInterfaces/nic").0,
        204,
        "twice is a success"
    );
    assert_eq!(api.broken(), [""; 0]);
}

#[test]
fn a_vm_that_azure_would_refuse_is_refused() {
    let api = arm("azure-body").with_network();
    let login = "/properties/osProfile/linuxConfiguration";
    let cases: &[(&str, Value, &str)] = &[
        ("/properties/hardwareprofile2", json!({}), "unknown-field"),
        (
            "/properties/hardwareProfile/vmSize",
            json!("Standard_D4s_v99"),
            "wrong-value",
        ),
        (
            "/properties/hardwareProfile/vmSize",
            json!("Standard_D4ps_v5"),
            "wrong-value",
        ),
        (
            "/properties/storageProfile/imageReference/sku",
            json!("server-gen9"),
            "wrong-value",
        ),
        (
            "/properties/storageProfile/osDisk/caching",
            json!("Sometimes"),
            "wrong-value",
        ),
        (
            "/properties/osProfile/adminUsername",
            json!("admin"),
            "wrong-value",
        ),
        (
            &format!("{login}/ssh/publicKeys/0/keyData"),
            json!("ssh-rsa AAAA"),
            "wrong-value",
        ),
        (
            &format!("{login}/ssh/publicKeys/0/path"),
            json!("/root/.ssh/authorized_keys"),
            "wrong-value",
        ),
        (
            &format!("{login}/disablePasswordAuthentication"),
            json!(false),
            "wrong-value",
        ),
        (
            "/properties/securityProfile",
            json!({"uefiSettings": {"vTpmEnabled": true}}),
            "wrong-value",
        ),
        ("/properties/evictionPolicy", json!("Delete"), "wrong-value"),
        ("/location", json!("mars"), "wrong-value"),
        ("/tags", json!({"a/b": "c"}), "wrong-value"),
    ];
    for (pointer, value, rule) in cases {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let reply = api.make_machine(|body| {
            let parent = body.pointer_mut(parent).unwrap();
            match field.parse::<usize>() {
                Ok(index) => parent[index] = value.clone(),
                Err(_) => parent[field] = value.clone(),
            }
        });
        assert!(reply.0 >= 400, "{pointer} {value}");
        assert_eq!(api.broken(), [*rule], "{pointer} {value}");
    }
    assert!(
        !api.left()
            .iter()
            .any(|left| left.starts_with("Microsoft.Compute"))
    );
}

/// Fact: 31 March 2025. A build with Packer 1.6.6 in its own network fails in the real Azure.
#[test]
fn a_basic_address_is_refused_unless_old_clients_are_welcome() {
    let body = json!({"location": "westus2", "properties": {"publicIPAllocationMethod": "Dynamic"}});
    let put = |api: &Api| {
        api.call("PUT", &in_group("g", ""), Some(&json!({"location": "westus2"})));
        api.put("g", "Microsoft.Network/publicIPAddresses/ip", &body)
    };
    let api = arm("azure-basic");
    assert_eq!(code(&put(&api)), (400, "IPv4BasicSkuPublicIpCountLimitReached"));
    assert_eq!(api.broken(), ["wrong-value"]);
    let old = Api::new("azure-old", "management.azure.com", |options| {
        options.old_clients = true
    });
    assert_eq!(put(&signed_in(old)).0, 201);
}

#[test]
fn trusted_launch_ends_in_a_gallery_only() {
    let api = arm("azure-trusted").with_network();
    let security = json!({"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": true, "vTpmEnabled": true}});
    assert_eq!(
        api.make_machine(|body| body["properties"]["securityProfile"] = security)
            .0,
        201
    );
    api.act("deallocate");
    api.act("generalize");
    assert_eq!(code(&api.make_image(|_| {})), (409, "OperationNotAllowed"));
}

#[test]
fn gallery_versions_have_numbers_and_a_home() {
    let api = arm("azure-version").with_network();
    api.make_machine(|_| {});
    api.act("deallocate");
    api.act("generalize");
    api.make_image(|_| {});
    let version = |regions: Value| {
        json!({"location": "westus2", "properties": {
            "storageProfile": {"source": {"id": id(GROUP, "Microsoft.Compute/images/image")}},
            "publishingProfile": {"targetRegions": regions},
        }})
    };
    let place =
        |name: &str| format!("Microsoft.Compute/galleries/{GALLERY}/images/{DEFINITION}/versions/{name}");
    let home = json!([{"name": "westus2"}]);
    assert_eq!(
        api.put(GROUP, &place("20260131120000.0.0"), &version(home.clone()))
            .0,
        400
    );
    assert_eq!(
        api.put(GROUP, &place("1.0.0"), &version(json!([{"name": "eastus"}])))
            .0,
        400
    );
    assert_eq!(api.broken(), ["wrong-value"; 2]);
    assert_eq!(api.put(GROUP, &place("1.0.0"), &version(home)).0, 201);
    let definition = format!("Microsoft.Compute/galleries/{GALLERY}/images/{DEFINITION}");
    assert_eq!(
        code(&api.delete(GROUP, &definition)),
        (409, "CannotDeleteResource")
    );
}

/// The name of a deployment's operation, from its header, is not read here: the deployment itself tells.
#[test]
fn a_template_is_evaluated_ordered_and_checked_as_a_whole() {
    let api = arm("azure-template");
    api.call("PUT", &in_group("g", ""), Some(&json!({"location": "westus2"})));
    let deploy = |verb: &str, resources: Value| {
        let method = if verb.is_empty() { "PUT" } else { "POST" };
        let path = format!("/providers/Microsoft.Resources/deployments/d{verb}");
        api.call(
            method,
            &in_group("g", &path),
            Some(&json!({"properties": {
                "mode": "Incremental", "parameters": {"name": {"value": "ip"}},
                "template": {
                    "contentVersion": "1.0.0.0", "parameters": {"name": {"type": "string"}},
                    "resources": resources,
                },
            }})),
        )
    };
    let address = |name: &str, after: Value| {
        json!({
            "type": "Microsoft.Network/publicIPAddresses", "apiVersion": "2024-01-01", "name": name, "dependsOn": after,
            "location": "[resourceGroup().location]", "sku": {"name": "standard"},
            "properties": {"publicIPAllocationMethod": "static"},
        })
    };
    let first = address("[concat(parameters('name'), '-1')]", json!([]));
    let second = address(
        "b",
        json!(["[resourceId('Microsoft.Network/publicIPAddresses', concat(parameters('name'), '-1'))]"]),
    );
    assert_eq!(deploy("/validate", json!([second, first])).0, 200);
    assert_eq!(api.left().len(), 1, "validation makes nothing");
    assert_eq!(deploy("", json!([second, first])).0, 201);
    assert_eq!(api.left().len(), 4, "{:?}", api.left());
    let path = in_group("g", "/providers/Microsoft.Resources/deployments/d/operations");
    assert_eq!(
        api.call("GET", &path, None).1["value"].as_array().unwrap().len(),
        3
    );
    assert_eq!(api.broken(), [""; 0]);

    for wrong in [
        address("[unknown('x')]", json!([])),
        address("c", json!(["Microsoft.Network/publicIPAddresses/none"])),
        json!({"type": "Microsoft.Network/publicIPAddresses", "apiVersion": "2024-01-01", "name": "c", "extra": 1}),
        json!({"type": "Microsoft.Web/sites", "apiVersion": "2024-01-01", "name": "c"}),
    ] {
        assert_eq!(deploy("", json!([wrong])).0, 400, "{wrong}");
        assert_eq!(api.broken().len(), 1, "{wrong}");
    }
    assert_eq!(api.left().len(), 4);
}
