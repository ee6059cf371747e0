//! The permissions in the guides are what `sindri vm iam` prints: `UPDATE_GOLDEN=1` writes them again.

use sindri_tests::lab::Sindri;

use crate::{page, root};

#[test]
fn each_guide_shows_the_permissions_that_the_program_prints() {
    for cloud in ["alibaba", "aws", "azure", "gcp", "oci"] {
        let name = format!("docs/providers/{}.md", cloud.to_uppercase());
        let text = page(&name);
        let command = "$ sindri vm iam --cloud ";
        let (_, rest) = text
            .split_once(command)
            .unwrap_or_else(|| panic!("{name}: no `{command}`"));
        let (arguments, after) = rest.split_once("\n```\n\n```").unwrap();
        let (_, after) = after.split_once('\n').unwrap();
        let (shown, end) = after.split_at(after.find("```").unwrap());
        let mut words = vec!["vm", "iam", "--cloud"];
        words.extend(arguments.split(' '));
        let printed = Sindri::new().run(&words).succeeded().stdout;
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let head = &text[..text.len() - after.len()];
            std::fs::write(root().join(&name), format!("{head}{printed}{end}")).unwrap();
        } else {
            assert_eq!(shown, printed, "{name}: UPDATE_GOLDEN=1 writes it");
        }
    }
}
