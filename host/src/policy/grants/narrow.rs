//! Sets of what may be granted: difference, section, union. A command is known by tool, verb and effect, a
//! builder by its name; their flags and attributes are sets of their own.

use crate::contract::{BuilderRequest, CommandRequest, PackerPlugin, Requests};

/// What of `set` is not in `other`. Of a command or builder that is in both, only the flags and attributes
/// that are not.
pub fn minus(set: &Requests, other: &Requests) -> Requests {
    Requests {
        builders: set
            .builders
            .iter()
            .filter_map(|builder| {
                let known = |name: &String| attributes_of(other, builder).any(|one| one == name);
                rest(
                    &builder.attributes,
                    other.builders.iter().any(|one| one.name == builder.name),
                    known,
                )
                .map(|attributes| BuilderRequest {
                    attributes,
                    ..builder.clone()
                })
            })
            .collect(),
        packer_plugins: set
            .packer_plugins
            .iter()
            .filter(|plugin| !other.packer_plugins.contains(plugin))
            .cloned()
            .collect(),
        commands: set
            .commands
            .iter()
            .filter_map(|command| {
                let known = |name: &String| flags_of(other, command).any(|one| one == name);
                rest(
                    &command.flags,
                    other.commands.iter().any(|one| same(one, command)),
                    known,
                )
                .map(|flags| CommandRequest {
                    flags,
                    ..command.clone()
                })
            })
            .collect(),
        guest_phases: set
            .guest_phases
            .iter()
            .filter(|phase| !other.guest_phases.contains(phase))
            .copied()
            .collect(),
    }
}

/// What is left of `set` without `withheld`. A command or builder that is withheld without naming flags or
/// attributes, or with all that it has, is withheld as a whole.
pub fn strip(set: &Requests, withheld: &Requests) -> Requests {
    let left = |details: &[String], withheld: &[&Vec<String>]| -> Option<Vec<String>> {
        if withheld.is_empty() {
            return Some(details.to_vec());
        }
        let is_withheld = |detail: &String| withheld.iter().any(|names| names.contains(detail));
        let left = both(details, |detail| !is_withheld(detail));
        let as_a_whole = left.is_empty() || withheld.iter().any(|names| names.is_empty());
        (!as_a_whole).then_some(left)
    };
    let mut rest = minus(set, withheld);
    rest.builders = set
        .builders
        .iter()
        .filter_map(|builder| {
            let withheld = withheld.builders.iter().filter(|one| one.name == builder.name);
            let withheld: Vec<_> = withheld.map(|one| &one.attributes).collect();
            left(&builder.attributes, &withheld).map(|attributes| BuilderRequest {
                attributes,
                ..builder.clone()
            })
        })
        .collect();
    rest.commands = set
        .commands
        .iter()
        .filter_map(|command| {
            let withheld = withheld.commands.iter().filter(|one| same(one, command));
            let withheld: Vec<_> = withheld.map(|one| &one.flags).collect();
            left(&command.flags, &withheld).map(|flags| CommandRequest {
                flags,
                ..command.clone()
            })
        })
        .collect();
    rest
}

/// What is in both.
pub fn meet(set: &Requests, other: &Requests) -> Requests {
    Requests {
        builders: set
            .builders
            .iter()
            .filter(|builder| other.builders.iter().any(|one| one.name == builder.name))
            .map(|builder| BuilderRequest {
                name: builder.name.clone(),
                attributes: both(&builder.attributes, |name| {
                    attributes_of(other, builder).any(|one| one == name)
                }),
            })
            .collect(),
        packer_plugins: both(&set.packer_plugins, |plugin: &PackerPlugin| {
            other.packer_plugins.contains(plugin)
        }),
        commands: set
            .commands
            .iter()
            .filter(|command| other.commands.iter().any(|one| same(one, command)))
            .map(|command| CommandRequest {
                flags: both(&command.flags, |name| {
                    flags_of(other, command).any(|one| one == name)
                }),
                ..command.clone()
            })
            .collect(),
        guest_phases: both(&set.guest_phases, |phase| other.guest_phases.contains(phase)),
    }
}

/// What is in either.
pub fn join(set: &Requests, other: &Requests) -> Requests {
    let mut all = set.clone();
    for builder in minus(other, set).builders {
        match all.builders.iter_mut().find(|one| one.name == builder.name) {
            Some(one) => one.attributes.extend(builder.attributes),
            None => all.builders.push(builder),
        }
    }
    for command in minus(other, set).commands {
        match all.commands.iter_mut().find(|one| same(one, &command)) {
            Some(one) => one.flags.extend(command.flags),
            None => all.commands.push(command),
        }
    }
    let rest = minus(other, set);
    all.packer_plugins.extend(rest.packer_plugins);
    all.guest_phases.extend(rest.guest_phases);
    all
}

/// Whether nothing is in it.
pub fn is_empty(set: &Requests) -> bool {
    set.builders.is_empty()
        && set.packer_plugins.is_empty()
        && set.commands.is_empty()
        && set.guest_phases.is_empty()
}

fn same(one: &CommandRequest, other: &CommandRequest) -> bool {
    one.tool == other.tool && one.verb == other.verb && one.effect == other.effect
}

fn attributes_of<'a>(set: &'a Requests, builder: &'a BuilderRequest) -> impl Iterator<Item = &'a String> {
    let named = set.builders.iter().filter(|one| one.name == builder.name);
    named.flat_map(|one| &one.attributes)
}

fn flags_of<'a>(set: &'a Requests, command: &'a CommandRequest) -> impl Iterator<Item = &'a String> {
    let named = set.commands.iter().filter(|one| same(one, command));
    named.flat_map(|one| &one.flags)
}

/// All details of something unknown, the unknown details of something known, if there are any.
fn rest(details: &[String], is_known: bool, known: impl Fn(&String) -> bool) -> Option<Vec<String>> {
    if !is_known {
        return Some(details.to_vec());
    }
    let rest: Vec<String> = details.iter().filter(|detail| !known(detail)).cloned().collect();
    (!rest.is_empty()).then_some(rest)
}

fn both<T: Clone>(all: &[T], other: impl Fn(&T) -> bool) -> Vec<T> {
    all.iter().filter(|one| other(one)).cloned().collect()
}
