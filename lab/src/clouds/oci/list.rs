//! Lists: filters, order, pages.

use serde_json::Value;

use super::failure::{Failure, refuse};
use super::route::Call;
use super::store::Item;
use crate::schema::check_names;
use crate::{Reply, World};

/// Parameters of every list.
const COMMON: [&str; 2] = ["limit", "page"];
/// Items on a page if the client does not say.
const PAGE: usize = 100;

/// A query parameter, and the field that it is compared with.
type Filter = (&'static str, &'static str);

/// What a list takes.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) required: &'static [&'static str],
    pub(super) filters: &'static [Filter],
    /// Parameters that the caller deals with itself.
    pub(super) others: &'static [&'static str],
    /// Whether it takes `sortBy` and `sortOrder`.
    pub(super) sorts: bool,
}

const COMPARTMENT: Filter = ("compartmentId", "compartmentId");
const NAME: Filter = ("displayName", "displayName");
const STATE: Filter = ("lifecycleState", "lifecycleState");
const DOMAIN: Filter = ("availabilityDomain", "availabilityDomain");
const INSTANCE: Filter = ("instanceId", "instanceId");
const IMAGE: Filter = ("imageId", "imageId");

pub(super) static IMAGES: Listing = Listing {
    required: &["compartmentId"],
    filters: &[
        NAME,
        STATE,
        ("operatingSystem", "operatingSystem"),
        ("operatingSystemVersion", "operatingSystemVersion"),
    ],
    // Platform images are on the list of every compartment.
    others: &["compartmentId", "shape"],
    sorts: true,
};

pub(super) static INSTANCES: Listing = Listing {
    required: &["compartmentId"],
    filters: &[COMPARTMENT, NAME, STATE, DOMAIN],
    others: &[],
    sorts: true,
};

pub(super) static GROUPS: Listing = Listing {
    required: &[],
    filters: &[COMPARTMENT, NAME, STATE, ("vcnId", "vcnId")],
    others: &[],
    sorts: true,
};

pub(super) static SUBNETS: Listing = Listing {
    required: &["compartmentId"],
    filters: &[COMPARTMENT, NAME, STATE, ("vcnId", "vcnId")],
    others: &[],
    sorts: true,
};

pub(super) static VCNS: Listing = Listing {
    required: &["compartmentId"],
    filters: &[COMPARTMENT, NAME, STATE],
    others: &[],
    sorts: true,
};

pub(super) static BOOT_VOLUMES: Listing = Listing {
    required: &[],
    filters: &[COMPARTMENT, DOMAIN],
    others: &[],
    sorts: false,
};

pub(super) static VNIC_ATTACHMENTS: Listing = Listing {
    required: &["compartmentId"],
    filters: &[COMPARTMENT, DOMAIN, INSTANCE, ("vnicId", "vnicId")],
    others: &[],
    sorts: false,
};

pub(super) static BOOT_VOLUME_ATTACHMENTS: Listing = Listing {
    required: &["availabilityDomain", "compartmentId"],
    filters: &[COMPARTMENT, DOMAIN, INSTANCE, ("bootVolumeId", "bootVolumeId")],
    others: &[],
    sorts: false,
};

pub(super) static SCHEMAS: Listing = Listing {
    required: &[],
    filters: &[COMPARTMENT, NAME, IMAGE],
    others: &[],
    sorts: true,
};

/// A list of one thing's own parts.
pub(super) static PARTS: Listing = Listing {
    required: &[],
    filters: &[],
    others: &[],
    sorts: true,
};

pub(super) static SHAPES: Listing = Listing {
    required: &["compartmentId"],
    filters: &[],
    others: &["compartmentId", "availabilityDomain", "imageId", "shape"],
    sorts: false,
};

pub(super) static DOMAINS: Listing = Listing {
    required: &["compartmentId"],
    filters: &[],
    others: &["compartmentId"],
    sorts: false,
};

pub(super) static RULES: Listing = Listing {
    required: &[],
    filters: &[],
    others: &["direction"],
    sorts: true,
};

impl Listing {
    /// Refuses parameters that the list does not have.
    pub(super) fn check(&self, call: &Call<'_>, world: &mut World) -> Result<(), Failure> {
        let mut known = COMMON.to_vec();
        known.extend(self.filters.iter().map(|(name, _)| name));
        known.extend(self.others);
        if self.sorts {
            known.extend(["sortBy", "sortOrder"]);
        }
        let query: Vec<_> = call.request.query.clone();
        refuse(world, &check_names(&query, self.required, &known))?;
        one_of(call, "sortBy", &["TIMECREATED", "DISPLAYNAME"], world)?;
        one_of(call, "sortOrder", &["ASC", "DESC"], world)?;
        Ok(())
    }

    /// Whether an item is what the filters ask for.
    pub(super) fn takes(&self, call: &Call<'_>, item: &Item) -> bool {
        self.filters.iter().all(|(name, field)| {
            call.request
                .parameter(name)
                .is_none_or(|wanted| wanted.is_empty() || item.text(field) == wanted)
        })
    }
}

fn one_of(call: &Call<'_>, name: &str, values: &[&str], world: &mut World) -> Result<(), Failure> {
    match call.request.parameter(name) {
        Some(value) if !values.contains(&value) => Err(Failure::invalid(
            world,
            name,
            &format!("{value:?} is none of {}", values.join(", ")),
        )),
        _ => Ok(()),
    }
}

/// The items in the order asked for: newest first, or by name.
pub(super) fn sorted<'a>(call: &Call<'_>, items: impl Iterator<Item = &'a Item>) -> Vec<Value> {
    let mut items: Vec<_> = items.collect();
    let by_name = call.request.parameter("sortBy") == Some("DISPLAYNAME");
    if by_name {
        items.sort_by_key(|item| (item.text("displayName").to_owned(), item.order));
    } else {
        items.sort_by_key(|item| (item.text("timeCreated").to_owned(), item.order));
    }
    let default = if by_name { "ASC" } else { "DESC" };
    if call.request.parameter("sortOrder").unwrap_or(default) == "DESC" {
        items.reverse();
    }
    items.into_iter().map(Item::document).collect()
}

/// One page of a list; `opc-next-page` leads to the next.
pub(super) fn page(call: &Call<'_>, items: &[Value], world: &mut World) -> Result<Reply, Failure> {
    let limit = match call.request.parameter("limit") {
        None => PAGE,
        Some(text) => match text.parse() {
            Ok(limit @ 1..=1000) => limit,
            _ => return Err(Failure::invalid(world, "limit", "not a number from 1 to 1000")),
        },
    };
    let start = match call.request.parameter("page") {
        None | Some("") => 0,
        Some(token) => match token.strip_prefix("from-").and_then(|number| number.parse().ok()) {
            Some(start) => start,
            None => return Err(Failure::invalid(world, "page", "no page of this list")),
        },
    };
    let end = items.len().min(limit.saturating_add(start));
    let shown = items.get(start..end).unwrap_or_default();
    let reply = Reply::json(200, &Value::Array(shown.to_vec()));
    Ok(if end < items.len() {
        reply.header("opc-next-page", format!("from-{end}"))
    } else {
        reply
    })
}
