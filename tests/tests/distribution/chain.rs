//! The whole life of an image that is given to others.

use serde_json::{Value, json};
use sindri_tests::lab::{Moto, Sindri, Sshd};

use super::root::Root;
use super::{OTHER, built, sindri};

/// An account of somebody else.
const PARTNER: &str = "210987654321";

fn done(sindri: &Sindri, arguments: &[&str]) -> Value {
    let run = sindri.run(arguments).succeeded();
    let json = run.json();
    assert_eq!(json["success"], true, "{run}");
    json
}

#[test]
fn an_image_is_built_verified_shared_copied_deprecated_published_and_deleted() {
    let moto = Moto::start();
    let root = Root::clean();
    root.unmount();
    let sshd = Sshd::on(&moto, &root.layers());
    let mut sindri = sindri(&moto);
    let image = built(&sindri);
    sshd.reached_by(&mut sindri);
    let image = image.as_str();
    let here = moto.region();
    done(&sindri, &["vm", "verify", image, "--json"]);

    let shared = done(&sindri, &["vm", "share", image, "--with", PARTNER, "--json"]);
    assert_eq!(shared["shared_with"], json!([format!("account:{PARTNER}")]));
    assert_eq!(moto.permitted(here, image), [PARTNER]);

    let copied = done(&sindri, &["vm", "copy", image, "--to", OTHER, "--json"]);
    let copy = copied["copies"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(copied["copies"][0]["location"], OTHER);
    let found = moto.call_in(OTHER, "DescribeImages", &[("ImageId.1", &copy)]);
    assert!(found.contains("<imageState>available</imageState>"), "{found}");
    assert!(found.contains("ManagedBy"), "a copy is ours too: {found}");
    let again = done(&sindri, &["vm", "copy", image, "--to", OTHER, "--json"]);
    assert_eq!(
        again["copies"], copied["copies"],
        "a second run makes no second copy"
    );

    // The configuration has not named that region so far; from here on changes are made there as well.
    sindri.add(&format!("ami_regions: [{OTHER}]"));
    // What holds for the image holds for its copies.
    done(
        &sindri,
        &[
            "vm",
            "share",
            image,
            "--with",
            "333333333333",
            "--remove",
            PARTNER,
            "--json",
        ],
    );
    assert_eq!(moto.permitted(here, image), ["333333333333"]);
    assert_eq!(moto.permitted(OTHER, &copy), ["333333333333"]);

    let deprecated = done(
        &sindri,
        &["vm", "deprecate", image, "--date", "2028-01-31", "--json"],
    );
    assert_eq!(deprecated["deprecated_at"], "2028-01-31T00:00:00.000Z");
    for (region, id) in [(here, image), (OTHER, &copy)] {
        let found = moto.call_in(region, "DescribeImages", &[("ImageId.1", id)]);
        assert!(
            found.contains("<deprecationTime>2028-01-31T00:00:00.000Z</deprecationTime>"),
            "{found}"
        );
    }

    let published = done(&sindri, &["vm", "publish", image, "--yes", "--json"]);
    assert_eq!(published["public"], true);
    assert_eq!(published["verification"]["success"], true, "{published}");
    assert!(moto.permitted(here, image).contains(&"all".to_owned()));
    assert!(moto.permitted(OTHER, &copy).contains(&"all".to_owned()));
    assert_eq!(
        moto.instances().len(),
        3,
        "one built it, two showed what it holds"
    );

    let withdrawn = done(&sindri, &["vm", "publish", image, "--undo", "--yes", "--json"]);
    assert_eq!(
        (&withdrawn["public"], &withdrawn["verification"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(moto.permitted(OTHER, &copy), ["333333333333"]);

    done(&sindri, &["vm", "delete", image, "--yes", "--json"]);
    assert_eq!(moto.leftovers(), [""; 0], "the copy goes with its image");
    assert_eq!(sindri.interrupted(), [""; 0]);
}
