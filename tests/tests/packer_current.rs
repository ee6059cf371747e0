//! Every scenario with the current Packer.

use sindri_tests::lab::Packer;

sindri_tests::for_packer! {
    Packer::Current;
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
        undo_after_kill_waits_for_packer_and_leaves_nothing,
        undo_after_everything_was_killed_leaves_nothing,
        a_killed_packer_leaves_nothing;
}
