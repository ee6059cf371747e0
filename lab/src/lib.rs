//! Clouds on loopback: rehearse a build of any cloud without an account.
