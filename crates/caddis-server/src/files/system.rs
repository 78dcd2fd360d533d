//! File systems by name. Caddy without plugins has one: that of the machine.

/// Whether there is a file system of this name; without a name, it is that of the machine.
pub(crate) fn is_known_system(name: &[u8]) -> bool {
    name.is_empty() || name == b"default"
}
