//! The same actions on another cloud, with its real command line.

use serde_json::json;
use sindri_lab::clouds::gcp;
use sindri_lab::{Lab, Options, Resource};
use sindri_tests::lab::{Packer, Sindri, tool};
use tempfile::TempDir;

use crate::stage::{answer, prepare, ready};

fn left(lab: &Lab) -> Vec<String> {
    lab.leftovers().iter().map(Resource::to_string).collect()
}

#[test]
fn an_instance_of_google_cloud_is_launched_reported_and_removed() {
    let directory = TempDir::new().unwrap();
    let mut options = Options::new(directory.path().join("lab"));
    // Debian's Packer is of 2020.
    options.old_clients = true;
    let lab = Lab::with_clouds(options, vec![Box::new(gcp::Gcp::new())]).unwrap();
    let mut sindri = Sindri::new();
    for (name, value) in lab.environment() {
        sindri.set(name, value);
    }
    Packer::Debian.put_with(&tool("SINDRI_TEST_GCLOUD"), &mut sindri);
    prepare(&mut sindri);
    answer(&mut sindri);
    sindri.configure(&format!(
        "providers: {{packer: {{cloud: gcp, build: {{communicator: none}}, gcp: {{project_id: {}}}}}}}\n",
        gcp::PROJECT
    ));
    let built = sindri.run(&["vm", "build", "--json"]).succeeded().json();
    let before = left(&lab);

    let mut machine = ready(&sindri);
    let launch = json!({"cloud": "gcp", "image-id": built["image_id"], "project-id": gcp::PROJECT});
    let (outputs, succeeded) = machine.action(".github/actions/packer/launch-instance", &launch);
    assert!(succeeded, "{}", machine.output);
    assert_eq!(outputs["ssh-user"], "ubuntu");
    assert!(left(&lab).len() > before.len(), "{outputs}");

    // Nobody has reported the id: the journal has it.
    let terminate = json!({"cloud": "gcp", "project-id": gcp::PROJECT});
    let (_, succeeded) = machine.action(".github/actions/packer/terminate-instance", &terminate);
    assert!(succeeded, "{}", machine.output);
    assert_eq!(left(&lab), before, "{}", machine.output);
    assert_eq!(lab.violations(), []);
}
