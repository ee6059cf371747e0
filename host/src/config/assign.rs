//! Which of several clouds a flag means.

use serde_json::Value;

use super::overrides::Flags;
use super::schema;
use crate::contract::ProviderInfo;
use crate::{Code, Error, Result};

impl Flags {
    /// The flags of each of these clouds. One that sets a key which all clouds share goes to all; one that
    /// sets a key of a cloud's own section must mean one cloud, or be a size, which means the same on
    /// each. Anything else is refused before anything starts: a region of one cloud is none of another.
    pub fn assign(&self, clouds: &[&ProviderInfo]) -> Result<Vec<Self>> {
        let known: Vec<&str> = clouds.iter().map(|cloud| cloud.id.as_str()).collect();
        let sections = clouds
            .iter()
            .map(|cloud| schema::section(cloud, &known))
            .collect::<Result<Vec<Value>>>()?;
        let mut assigned = vec![Self::default(); clouds.len()];
        for (name, value) in &self.named {
            let takers = takers_of_flag(name, clouds, &sections);
            let shared = takers.contains(&Some(Taker::Shared));
            let sizes = takers.iter().all(|taker| *taker == Some(Taker::Size));
            if !shared && !sizes {
                one_only(&format!("--{name}"), clouds, &takers)?;
            }
            for (flags, _) in assigned
                .iter_mut()
                .zip(&takers)
                .filter(|(_, taker)| taker.is_some())
            {
                flags.named.insert(name, value.clone());
            }
        }
        for variable in &self.variables {
            let takers: Vec<_> = clouds
                .iter()
                .zip(&sections)
                .map(|(cloud, section)| {
                    section
                        .pointer(&format!("/properties/{}/properties/{}", cloud.id, variable.key))
                        .map(|_| Taker::Own)
                })
                .collect();
            let what = format!("--{} {}", variable.origin, variable.key);
            one_only(&what, clouds, &takers)?;
            for (flags, _) in assigned
                .iter_mut()
                .zip(&takers)
                .filter(|(_, taker)| taker.is_some())
            {
                flags.variables.push(variable.clone());
            }
        }
        Ok(assigned)
    }
}

/// What a flag is to a cloud that takes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taker {
    /// It sets a key that all clouds share.
    Shared,
    /// It sets a number in the cloud's own section.
    Size,
    /// It sets another key there.
    Own,
}

fn takers_of_flag(name: &str, clouds: &[&ProviderInfo], sections: &[Value]) -> Vec<Option<Taker>> {
    clouds
        .iter()
        .zip(sections)
        .map(|(cloud, section)| {
            let settings = schema::settings(section);
            let setting = settings
                .iter()
                .find(|setting| setting.flag.as_deref() == Some(name))?;
            let own = setting.pointer.starts_with(&format!("/{}/", cloud.id));
            Some(match (own, setting.type_name) {
                (false, _) => Taker::Shared,
                (true, "integer") => Taker::Size,
                (true, _) => Taker::Own,
            })
        })
        .collect()
}

/// Succeeds when exactly one cloud takes it.
fn one_only(what: &str, clouds: &[&ProviderInfo], takers: &[Option<Taker>]) -> Result<()> {
    let names: Vec<&str> = clouds
        .iter()
        .zip(takers)
        .filter(|(_, taker)| taker.is_some())
        .map(|(cloud, _)| cloud.id.as_str())
        .collect();
    let all = clouds
        .iter()
        .map(|cloud| cloud.id.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    match names.as_slice() {
        [_] => Ok(()),
        [] => Err(Error::new(
            Code::UsageArgument,
            format!("{what} has no meaning for any of the clouds {all}"),
        )
        .remedy("leave it out, or see `sindri config schema` for the keys of each cloud")),
        several => Err(Error::new(
            Code::UsageArgument,
            format!("{what} could mean each of the clouds {}", several.join(", ")),
        )
        .remedy("name one cloud, or put it into each cloud's own section of sindri.yaml")),
    }
}
