//! Sindri's cloud plugin for Google Cloud: Packer's `googlecompute` builder.
