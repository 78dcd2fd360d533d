//! Options that are there or not: `debug`, `local_certs`, `skip_install_trust`.

use super::GlobalOption;

pub(super) const DEBUG: GlobalOption = GlobalOption {
    name: "debug",
    summary: "Log everything, where a log does not say what to log.",
    syntax: "debug",
    subdirectives: &[],
    examples: &["debug"],
    read: |_, options, _| {
        options.debug = true;
        Ok(())
    },
};

pub(super) const LOCAL_CERTS: GlobalOption = GlobalOption {
    name: "local_certs",
    summary: "Sign every certificate with the server's own authority.",
    syntax: "local_certs",
    subdirectives: &[],
    examples: &["local_certs"],
    read: |_, options, _| {
        options.local_certs = true;
        Ok(())
    },
};

pub(super) const SKIP_INSTALL_TRUST: GlobalOption = GlobalOption {
    name: "skip_install_trust",
    summary: "Leave the server's own authority out of the system's trust store.",
    syntax: "skip_install_trust",
    subdirectives: &[],
    examples: &["skip_install_trust"],
    read: |_, options, _| {
        options.skip_install_trust = true;
        Ok(())
    },
};
