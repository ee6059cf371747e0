//! The text of a lock file: the same for the same content, and one line for each grant, so that a review
//! shows what changed.

use std::fmt::Write as _;

use super::{Content, VERSION, Wasi};
use crate::contract::Requests;
use crate::policy::grants::item::{Item, items, text as quoted};

const HEAD: &str = "\
# Which cloud plugins this project uses besides those that come with sindri, and what each may do.
# Written by `sindri plugin install`, `grant` and `revoke`. Commit it: it holds for everybody who builds.
# A grant holds for the component with this digest and no other.
";

pub(super) fn text(content: &Content) -> String {
    let mut text = format!("{HEAD}version = {VERSION}\n");
    for (name, entry) in &content.plugin {
        let Wasi::None = entry.wasi;
        let _ = write!(
            text,
            "\n[plugin.{name}]\nsha256 = {}\ncontract = {}\nsource = {}\nwasi = \"none\"\n",
            quoted(&entry.sha256),
            quoted(&entry.contract),
            quoted(&entry.source),
        );
        if !entry.environment.is_empty() {
            let names: Vec<String> = entry.environment.iter().map(|name| quoted(name)).collect();
            let _ = writeln!(text, "environment = [{}]", names.join(", "));
        }
        set(&mut text, &format!("plugin.{name}.grants"), &entry.grants);
        set(&mut text, &format!("plugin.{name}.withheld"), &entry.withheld);
    }
    for (name, narrowing) in &content.bundled {
        set(
            &mut text,
            &format!("bundled.{name}.withheld"),
            &narrowing.withheld,
        );
    }
    text
}

type IsOfKind = fn(&Item) -> bool;

fn set(text: &mut String, table: &str, set: &Requests) {
    let items = items(set);
    if items.is_empty() {
        return;
    }
    let _ = write!(text, "\n[{table}]\n");
    let kinds: [(&str, IsOfKind); 4] = [
        ("builders", |item| matches!(item, Item::Builder(_))),
        ("packer_plugins", |item| matches!(item, Item::PackerPlugin(_))),
        ("commands", |item| matches!(item, Item::Command(_))),
        ("guest_phases", |item| matches!(item, Item::Phase(_))),
    ];
    for (key, is_of_kind) in kinds {
        let mut lines: Vec<String> = items
            .iter()
            .filter(|item| is_of_kind(item))
            .map(Item::line)
            .collect();
        lines.sort();
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{key} = [");
        for line in lines {
            let _ = writeln!(text, "    {line},");
        }
        text.push_str("]\n");
    }
}
