//! Arguments that are described only when they are needed.

use clap::builder::Resettable;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// The arguments of a subcommand, of which `clap` hears when the subcommand is the one that is called, or all are
/// printed. Describing every subcommand to call one takes more instructions than parsing its command line.
#[derive(Clone, Debug)]
pub struct Deferred<T>(pub(super) T);

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(described::<T>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(described_for_update::<T>)
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

fn described<T: Args>(command: Command) -> Command {
    keeping_about(command, T::augment_args)
}

fn described_for_update<T: Args>(command: Command) -> Command {
    keeping_about(command, T::augment_args_for_update)
}

/// What the subcommand says of itself counts, not what the type of its arguments does; without the delay the order
/// of the calls sees to that.
fn keeping_about(command: Command, augment: fn(Command) -> Command) -> Command {
    let about = Resettable::from(command.get_about().cloned());
    let long_about = Resettable::from(command.get_long_about().cloned());
    augment(command).about(about).long_about(long_about)
}
