//! Sindri's cloud plugin for Microsoft Azure: Packer's `azure-arm` builder.
