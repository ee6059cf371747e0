//! Sindri's cloud plugin for Oracle Cloud Infrastructure: Packer's `oracle-oci` builder.
