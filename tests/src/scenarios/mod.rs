//! What holds with every Packer. Each test target of a Packer lists all of it by [`crate::for_packer`].

pub mod build;
pub mod failure;
pub mod interruption;
pub mod texts;

/// Makes a test of every scenario for one Packer.
#[macro_export]
macro_rules! for_packer {
    ($packer:expr; $($module:ident: $($name:ident),+;)+) => {
        $($(
            #[test]
            fn $name() {
                $crate::scenarios::$module::$name($packer);
            }
        )+)+
    };
}

/// The build VM has an address at which nobody answers, so Packer waits for it until it is stopped.
fn nobody_answers(port: u16, seconds: u32) -> Vec<String> {
    vec![
        "ssh_host: 127.0.0.1".to_owned(),
        format!("ssh_port: {port}"),
        format!("ssh_timeout: {seconds}s"),
        SOURCE.to_owned(),
    ]
}

/// From where Packer connects. 1.6.6 cannot find that out, and Sindri refuses to open the VM to the world.
const SOURCE: &str = "ssh_source_cidrs: [127.0.0.1/32]";

/// Arguments of the build that most scenarios want.
const BUILD: &[&str] = &["vm", "build", "--json"];
