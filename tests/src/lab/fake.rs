//! Programs that stand in for real ones, to fail in ways that real ones cannot be asked to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Sindri, tool};

/// The beginning of every one of them.
const HEAD: &str = "#!/bin/bash\nexport PATH=/usr/local/bin:/usr/bin:/bin\n";

/// What `aws` prints for its version.
const AWS_VERSION: &str = "aws-cli/2.15.30 Python/3.11.8 Linux/6.1";

impl Sindri {
    /// Puts a program in front of the PATH. `script` is bash; its arguments are those of the program.
    pub fn fake(&mut self, name: &str, script: &str) -> &mut Self {
        let folder = self.home().join("fakes").join(name);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, format!("{HEAD}{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self.path(&folder, false)
    }

    /// An `aws` that knows its version and does this for everything else.
    pub fn fake_aws(&mut self, script: &str) -> &mut Self {
        self.fake(
            "aws",
            &format!("if [ \"$1\" = --version ]; then echo '{AWS_VERSION}'; exit; fi\n{script}"),
        )
    }

    /// Lets a fake start this program, as a user does whose own wrapper stands in front of a tool.
    fn starts(&mut self, real: &Path) -> &mut Self {
        self.set("SINDRI_SANDBOX_READ", real)
    }

    /// An `aws` that is the real one but for one verb of `aws ec2`. In the script, `"${real[@]}"` is the real
    /// command.
    pub fn aws_except(&mut self, verb: &str, script: &str) -> &mut Self {
        let real = tool("SINDRI_TEST_AWS");
        self.starts(&real).fake(
            "aws",
            &format!(
                "real=('{}' \"$@\")\ncase \" $* \" in *' ec2 {verb} '*) {script} ;; esac\nexec \"${{real[@]}}\"",
                real.display()
            ),
        )
    }

    /// A `packer` of this version that accepts every template and does this to build.
    pub fn fake_packer(&mut self, version: &str, build: &str) -> &mut Self {
        self.fake(
            "packer",
            &format!("case $1 in\n--version | version) echo 'Packer v{version}' ;;\nbuild) {build} ;;\nesac"),
        )
    }

    /// A `packer` that is the real one but for its builds.
    pub fn packer_except_build(&mut self, script: &str) -> &mut Self {
        let real = tool("SINDRI_TEST_PACKER_DEBIAN");
        self.starts(&real).fake(
            "packer",
            &format!(
                "real=('{}' \"$@\")\nif [ \"$1\" = build ]; then {script}; fi\nexec \"${{real[@]}}\"",
                real.display()
            ),
        )
    }
}
