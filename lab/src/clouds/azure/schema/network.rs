//! `Microsoft.Network`: networks, interfaces, addresses, security groups.

use super::{TAGS, reference};
use crate::schema::{Field, Shape, ignored, optional, required};

const TEXTS: Shape = Shape::List(&Shape::Text);
const ALLOCATION: Shape = Shape::OneOf(&["Dynamic", "Static"]);
const FAMILY: Shape = Shape::OneOf(&["IPv4", "IPv6"]);

fn is_ports(text: &str) -> bool {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ordered =
        matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(first), Ok(last)) if first <= last);
    text == "*" || ordered
}

/// `*`, a service tag, an address or a range of them.
fn is_prefix(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    match address.parse::<std::net::IpAddr>() {
        Ok(address) => bits
            .parse::<u8>()
            .is_ok_and(|bits| bits <= if address.is_ipv4() { 32 } else { 128 }),
        Err(_) => {
            text == "*" || (!text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'))
        }
    }
}

const PORTS: Shape = Shape::Form("a port, a range of ports or *", is_ports);
const PREFIX: Shape = Shape::Form("a range of addresses, a service tag or *", is_prefix);

/// Fields that every resource has.
macro_rules! resource {
    ($($field:expr),* $(,)?) => {
        Shape::Object(&[
            required("location", Shape::Text),
            optional("tags", TAGS),
            ignored("id"),
            ignored("name"),
            ignored("type"),
            ignored("etag"),
            $($field),*
        ])
    };
}

const RULE_FIELDS: &[Field] = &[
    optional("description", Shape::Text),
    required(
        "protocol",
        Shape::OneOf(&["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"]),
    ),
    optional("sourcePortRange", PORTS),
    optional("sourcePortRanges", Shape::List(&PORTS)),
    optional("destinationPortRange", PORTS),
    optional("destinationPortRanges", Shape::List(&PORTS)),
    optional("sourceAddressPrefix", PREFIX),
    optional("sourceAddressPrefixes", Shape::List(&PREFIX)),
    optional("destinationAddressPrefix", PREFIX),
    optional("destinationAddressPrefixes", Shape::List(&PREFIX)),
    optional("sourceApplicationSecurityGroups", Shape::List(&Shape::Any)),
    optional("destinationApplicationSecurityGroups", Shape::List(&Shape::Any)),
    required("access", Shape::OneOf(&["Allow", "Deny"])),
    required("priority", Shape::Integer(100, 4096)),
    required("direction", Shape::OneOf(&["Inbound", "Outbound"])),
    ignored("provisioningState"),
];

pub(in super::super) static RULE: Shape = Shape::Object(&[
    optional("name", Shape::Text),
    required("properties", Shape::Object(RULE_FIELDS)),
    ignored("id"),
    ignored("type"),
    ignored("etag"),
]);

pub(in super::super) static SECURITY_GROUP: Shape = resource![optional(
    "properties",
    Shape::Object(&[
        optional(
            "securityRules",
            Shape::List(&Shape::Object(&[
                required("name", Shape::Text),
                required("properties", Shape::Object(RULE_FIELDS)),
                ignored("id"),
                ignored("type"),
                ignored("etag"),
            ]))
        ),
        ignored("defaultSecurityRules"),
        ignored("provisioningState"),
        ignored("resourceGuid"),
        ignored("networkInterfaces"),
        ignored("subnets"),
    ]),
)];

const SUBNET_FIELDS: &[Field] = &[
    optional("addressPrefix", Shape::Text),
    optional("addressPrefixes", TEXTS),
    reference("networkSecurityGroup"),
    optional("defaultOutboundAccess", Shape::Flag),
    optional("privateEndpointNetworkPolicies", Shape::Text),
    optional("privateLinkServiceNetworkPolicies", Shape::Text),
    ignored("delegations"),
    ignored("provisioningState"),
    ignored("ipConfigurations"),
];

pub(in super::super) static SUBNET: Shape = Shape::Object(&[
    optional("name", Shape::Text),
    required("properties", Shape::Object(SUBNET_FIELDS)),
    ignored("id"),
    ignored("type"),
    ignored("etag"),
]);

pub(in super::super) static NETWORK: Shape = resource![required(
    "properties",
    Shape::Object(&[
        required(
            "addressSpace",
            Shape::Object(&[required("addressPrefixes", TEXTS)])
        ),
        optional(
            "subnets",
            Shape::List(&Shape::Object(&[
                required("name", Shape::Text),
                required("properties", Shape::Object(SUBNET_FIELDS)),
                ignored("id"),
                ignored("type"),
                ignored("etag"),
            ]))
        ),
        optional("dhcpOptions", Shape::Object(&[optional("dnsServers", TEXTS)])),
        optional("enableDdosProtection", Shape::Flag),
        optional("enableVmProtection", Shape::Flag),
        ignored("provisioningState"),
        ignored("resourceGuid"),
    ]),
)];

pub(in super::super) static PUBLIC_ADDRESS: Shape = resource![
    optional(
        "sku",
        Shape::Object(&[
            required("name", Shape::OneOf(&["Basic", "Standard", "StandardV2"])),
            optional("tier", Shape::OneOf(&["Regional", "Global"])),
        ])
    ),
    optional("zones", TEXTS),
    required(
        "properties",
        Shape::Object(&[
            required("publicIPAllocationMethod", ALLOCATION),
            optional("publicIPAddressVersion", FAMILY),
            optional(
                "dnsSettings",
                Shape::Object(&[optional("domainNameLabel", Shape::Text), ignored("fqdn"),])
            ),
            optional("idleTimeoutInMinutes", Shape::Integer(4, 30)),
            optional("deleteOption", Shape::OneOf(&["Delete", "Detach"])),
            ignored("ipAddress"),
            ignored("provisioningState"),
            ignored("resourceGuid"),
            ignored("ipConfiguration"),
        ])
    ),
];

pub(in super::super) static NETWORK_INTERFACE: Shape = resource![required(
    "properties",
    Shape::Object(&[
        required(
            "ipConfigurations",
            Shape::List(&Shape::Object(&[
                required("name", Shape::Text),
                required(
                    "properties",
                    Shape::Object(&[
                        optional("privateIPAllocationMethod", ALLOCATION),
                        optional("privateIPAddress", Shape::Text),
                        optional("privateIPAddressVersion", FAMILY),
                        optional("primary", Shape::Flag),
                        required(
                            "subnet",
                            Shape::Object(&[required("id", Shape::Text), ignored("properties"),])
                        ),
                        optional(
                            "publicIPAddress",
                            Shape::Object(&[
                                required("id", Shape::Text),
                                optional(
                                    "properties",
                                    Shape::Object(&[optional(
                                        "deleteOption",
                                        Shape::OneOf(&["Delete", "Detach"])
                                    ),])
                                ),
                            ])
                        ),
                        ignored("provisioningState"),
                    ])
                ),
                ignored("id"),
                ignored("type"),
                ignored("etag"),
            ]))
        ),
        reference("networkSecurityGroup"),
        optional("enableAcceleratedNetworking", Shape::Flag),
        optional("enableIPForwarding", Shape::Flag),
        optional("dnsSettings", Shape::Object(&[optional("dnsServers", TEXTS)])),
        ignored("provisioningState"),
        ignored("macAddress"),
        ignored("primary"),
        ignored("virtualMachine"),
        ignored("resourceGuid"),
    ]),
)];
