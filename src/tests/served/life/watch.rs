//! `run --watch`.

use super::world::{World, until};
use crate::server::is_real_caddy;

#[test]
fn a_file_that_has_changed_is_loaded() {
    let world = World::answering("one");
    let _server = world.serve(&["run", "--watch"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two", ""));
    world.wait_for("two");
}

#[test]
fn a_bad_edit_is_logged_and_a_good_one_after_it_is_loaded() {
    let world = World::answering("one");
    let server = world.serve(&["run", "--watch", "--config", "Caddyfile"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two\n\trespnd three", ""));
    assert!(
        until(|| server.log().contains("respnd")),
        "{}",
        server.log()
    );
    assert_eq!(world.answer().as_deref(), Some("one"));
    if is_real_caddy() {
        println!("the rest is not run: the real Caddy watches no more after a bad edit");
        return;
    }
    world.write("Caddyfile", &world.site("four", ""));
    world.wait_for("four");
}
