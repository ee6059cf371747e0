//! Sindri's cloud plugin for Alibaba Cloud: Packer's `alicloud-ecs` builder.
