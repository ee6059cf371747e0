//! Regions, the hosts of their services, and the ids of what is in them.

/// A region of the commercial realm.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Region {
    /// For example `us-phoenix-1`.
    pub(super) name: &'static str,
    /// Three letters, for example `PHX`.
    pub(super) key: &'static str,
    /// How ids name it: older regions by their letters, newer ones by their name.
    pub(super) short: &'static str,
    /// Names of its availability domains, with the tenancy's prefix.
    pub(super) domains: &'static [&'static str],
}

pub(super) static REGIONS: [Region; 3] = [
    Region {
        name: "us-phoenix-1",
        key: "PHX",
        short: "phx",
        domains: &["Labs:PHX-AD-1", "Labs:PHX-AD-2", "Labs:PHX-AD-3"],
    },
    Region {
        name: "us-ashburn-1",
        key: "IAD",
        short: "iad",
        domains: &[
            "Labs:US-ASHBURN-AD-1",
            "Labs:US-ASHBURN-AD-2",
            "Labs:US-ASHBURN-AD-3",
        ],
    },
    Region {
        name: "eu-frankfurt-1",
        key: "FRA",
        short: "eu-frankfurt-1",
        domains: &[
            "Labs:EU-FRANKFURT-1-AD-1",
            "Labs:EU-FRANKFURT-1-AD-2",
            "Labs:EU-FRANKFURT-1-AD-3",
        ],
    },
];

/// The services whose calls are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// Compute, networks, block volumes and their work requests.
    Core,
    Identity,
    ObjectStorage,
}

/// Service and region of a host.
pub(super) fn of_host(host: &str) -> Option<(Service, &'static Region)> {
    let rest = host.strip_suffix(".oraclecloud.com")?;
    // Identity has the new form in current libraries only.
    let rest = rest.strip_suffix(".oci").unwrap_or(rest);
    let (service, region) = rest.split_once('.')?;
    let service = match service {
        "iaas" => Service::Core,
        "identity" => Service::Identity,
        "objectstorage" => Service::ObjectStorage,
        _ => return None,
    };
    Some((service, by_name(region)?))
}

pub(super) fn by_name(name: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.name == name)
}

/// The id of the resource with this number, for example `ocid1.image.oc1.phx.aaaaaaaa…b`.
pub(super) fn ocid(kind: &str, region: &Region, number: u64) -> String {
    // In the base 16 of `a` to `p`: OCI's own are base 32 without 0 and 1.
    let unique: String = format!("{number:052x}")
        .bytes()
        .map(|digit| {
            char::from(if digit.is_ascii_digit() {
                digit - b'0' + b'a'
            } else {
                digit + 10
            })
        })
        .collect();
    format!("ocid1.{kind}.oc1.{}.aaaaaaaa{unique}", region.short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_known_services_and_regions_are_served() {
        let phoenix = by_name("us-phoenix-1").unwrap();
        assert_eq!(
            of_host("iaas.us-phoenix-1.oraclecloud.com"),
            Some((Service::Core, phoenix))
        );
        assert_eq!(
            of_host("identity.us-phoenix-1.oci.oraclecloud.com"),
            Some((Service::Identity, phoenix))
        );
        for host in [
            "iaas.mars-1.oraclecloud.com",
            "auth.us-phoenix-1.oraclecloud.com",
            "iaas.us-phoenix-1.oraclecloud.com.evil.example",
            "us-phoenix-1.oraclecloud.com",
        ] {
            assert_eq!(of_host(host), None, "{host}");
        }
    }

    #[test]
    fn ids_are_different_and_of_oracles_form() {
        let phoenix = by_name("us-phoenix-1").unwrap();
        let id = ocid("image", phoenix, 0x1f);
        assert!(
            id.starts_with("ocid1.image.oc1.phx.aaaaaaaaaaaa") && id.ends_with("abp"),
            "{id}"
        );
        assert_eq!(id.rsplit('.').next().unwrap().len(), 60);
    }
}
