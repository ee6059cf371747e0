//! What the user sees: the result on standard output, everything else on standard error.

mod console;
mod document;
mod table;

pub use console::Console;
pub use document::Document;
pub use table::table;
