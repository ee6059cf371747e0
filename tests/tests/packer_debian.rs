//! Every scenario with Debian's Packer, 1.6.6.

use sindri_tests::lab::{Moto, Packer};

sindri_tests::for_packer! {
    Packer::Debian;
    build:
        an_image_is_built_once_found_again_listed_and_deleted,
        validate_asks_packer_and_leaves_nothing,
        debug_keeps_packers_log_without_secrets;
    texts:
        hostile_texts_arrive_literally,
        template_code_arrives_literally;
    failure:
        a_failed_build_says_why_and_leaves_nothing,
        abort_keeps_the_vm_until_undo,
        a_build_that_runs_out_of_time_leaves_nothing;
    interruption:
        ctrl_c_ends_the_build_and_leaves_nothing,
        ctrl_c_reaches_every_cloud,
        undo_after_kill_waits_for_packer_and_leaves_nothing,
        undo_after_everything_was_killed_leaves_nothing,
        a_killed_packer_leaves_nothing,
        ctrl_c_at_any_moment_leaves_all_or_nothing,
        kill_at_any_moment_can_be_undone;
}

/// Rather no build than a VM that the whole world may try passwords on.
#[test]
fn without_a_source_address_nothing_is_opened() {
    let moto = Moto::start();
    let run = Packer::Debian.sindri(&moto, &[]).run(&["vm", "build", "--json"]);
    assert_eq!(run.failure(), (2, "config/missing-keys".to_owned()), "{run}");
    let error = &run.json()["error"];
    assert_eq!(error["key"], "providers.packer.build.ssh_source_cidrs");
    assert_eq!(moto.instances(), [""; 0]);
}
