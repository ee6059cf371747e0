//! Names that decide about a tool that the host does not know.

/// Programs that run whatever they are told, read and write any file, talk to anybody, or hold everybody's secrets. No
/// plugin gets them, whatever the user grants. First and last parts of a name count as well: `apt-get`, `docker-compose`.
pub(super) const PROGRAMS: &str = "\
    agetty anacron ansible ant apk apptainer apt aria2c ar as ash at awk base64 bash batch bazel bpftrace brew buildah bun \
    bundle busybox bw bzr capsh cargo cat cc chef chgrp chmod chown chroot chrt clang cmake cmp conda consul cp cpan cpio \
    cpp cpulimit crictl crontab crun csh csplit ctr curl cut dash dd deno diff dmesg dmsetup dnf doas docker dosbox dotnet \
    dpkg easy_install ed editor elixir emacs env erl ex exec expect fakeroot fd ffmpeg file find fish flatpak flock flux \
    fold ftp gawk gcc gcore gdb gem genisoimage ghc ghci git gh glab go gpg gradle grep groovy guile gunzip guix gzip head \
    helm hg iex install ionice ip irb java javac jjs jq jshell julia k9s kotlin ksh kubectl kustomize ld less lftp ln logger \
    login logrotate ltrace lua luajit lxc lxd mail make mamba man mawk mc mkfifo mknod mono more mosh mount msgfmt mtr mv mvn \
    mysql nano nawk nc ncat nerdctl nice ninja nix nl nmap node nodejs nohup npm npx nsenter oc od op open openssl openvpn \
    packer pacman parallel pass passwd patch perf perl pexec php pico pip pipx pkexec pnpm podman poetry powershell pr \
    printenv psql pulumi puppet pwsh py pypy python qemu r racket rake rclone rdp readelf redis rev rlwrap rm rpm rsync ruby \
    run runc runscript runuser rustc rustup rview rvim salt sbcl scala scheme scp screen script sed service setarch setfacl \
    setpriv setsid sftp sh shell shuf sindri singularity skopeo sleep snap socat sort split sqlite ssh sshpass start stdbuf \
    strace su sudo svn swift systemctl systemd tac tail tar taskset tclsh tcpdump tcsh tee telnet terraform terragrunt tftp \
    time timeout tmux tofu top touch toybox tsc tsx ul uniq unshare unsquashfs unzip uv uvx vagrant vault vi view vigr vim \
    vimdiff vipw virsh volatility w3m wall watch wget whiptail wine wish xargs xdg xxd xz yarn yash yum zip zsh zsoelim zypper";

/// Whole names of flags, and what a tool may take for one of them: an abbreviation.
pub(super) const FLAGS: &[&str] = &[
    "config",
    "context",
    "credentials",
    "curl",
    "debug",
    "endpoint",
    "environment",
    "eval",
    "exec",
    "header",
    "help",
    "host",
    "http-header",
    "insecure",
    "interactive",
    "kubeconfig",
    "password",
    "plugin",
    "profile",
    "proxy",
    "secret",
    "server",
    "token",
    "trace",
    "url",
    "user",
    "verbose",
    "version",
];

/// Parts of a flag's name, and why it is refused.
pub(super) const FLAG_PARTS: &[(&str, &[&str])] = &[
    (
        "it may name a file of this machine",
        &[
            "dir",
            "directory",
            "file",
            "filename",
            "files",
            "folder",
            "input",
            "log",
            "logfile",
            "keyfile",
            "path",
            "paths",
            "pem",
            "stdin",
            "template",
            "templates",
        ],
    ),
    (
        "it may run a program",
        &[
            "binary",
            "browser",
            "cmd",
            "command",
            "commands",
            "editor",
            "eval",
            "exec",
            "extension",
            "hook",
            "hooks",
            "pager",
            "plugin",
            "plugins",
            "script",
            "shell",
        ],
    ),
    (
        "it may send requests elsewhere",
        &[
            "api",
            "bastion",
            "endpoint",
            "endpoints",
            "forward",
            "gateway",
            "header",
            "headers",
            "jump",
            "proxy",
            "tunnel",
            "uri",
            "url",
            "urls",
            "webhook",
        ],
    ),
    (
        "it may switch off a check of whom the tool talks to",
        &[
            "ca",
            "cacert",
            "cert",
            "certificate",
            "certs",
            "insecure",
            "ssl",
            "tls",
            "verify",
        ],
    ),
    (
        "it may choose who the tool acts as, or hold a credential",
        &[
            "access",
            "apikey",
            "assume",
            "auth",
            "config",
            "configuration",
            "context",
            "credential",
            "credentials",
            "identity",
            "impersonate",
            "kubeconfig",
            "login",
            "oauth",
            "passphrase",
            "passwd",
            "password",
            "private",
            "profile",
            "secret",
            "secrets",
            "session",
            "sso",
            "token",
            "tokens",
            "username",
        ],
    ),
    (
        "it may print what the tool sends, credentials included",
        &["curl", "debug", "trace", "verbose", "verbosity"],
    ),
];

/// First words of commands about the tool itself.
pub(super) const FIRST_VERBS: &[&str] = &[
    "api",
    "component",
    "components",
    "help",
    "init",
    "install",
    "mcp",
    "repl",
    "self",
    "setup",
    "uninstall",
    "update",
    "upgrade",
];

/// Whole words of commands.
pub(super) const VERBS: &[&str] = &[
    "agent", "alias", "aliases", "apply", "cp", "curl", "daemon", "download", "edit", "eval", "execute",
    "export", "forward", "graphql", "http", "import", "kubectl", "mv", "open", "pull", "push", "put", "raw",
    "request", "rest", "rsync", "run", "scp", "script", "serve", "sftp", "shell", "ssh", "sync", "tunnel",
    "upload", "vnc", "watch",
];

/// Parts of words of commands: `request-console`, `get-access-token`, `self-update`, `port-forward`.
pub(super) const VERB_PARTS: &[&str] = &[
    "auth",
    "browser",
    "completion",
    "config",
    "configuration",
    "configure",
    "console",
    "context",
    "contexts",
    "credential",
    "credentials",
    "exec",
    "extension",
    "extensions",
    "forward",
    "kubeconfig",
    "login",
    "logout",
    "oauth",
    "password",
    "passwords",
    "plugin",
    "plugins",
    "profile",
    "profiles",
    "proxy",
    "rescue",
    "secret",
    "secrets",
    "self",
    "selfupdate",
    "sso",
    "token",
    "tokens",
    "tunnel",
];

/// Parts of words of commands that take something away.
pub(super) const DESTROYING: &[&str] = &[
    "cancel",
    "delete",
    "deregister",
    "destroy",
    "drop",
    "erase",
    "purge",
    "rebuild",
    "release",
    "remove",
    "reset",
    "rm",
    "shred",
    "terminate",
    "wipe",
];

/// First parts of the last word of a command that only looks.
pub(super) const READING: &[&str] = &[
    "check", "describe", "find", "get", "info", "inspect", "list", "ls", "metrics", "query", "read",
    "search", "show", "stat", "status", "version", "view", "whoami",
];
