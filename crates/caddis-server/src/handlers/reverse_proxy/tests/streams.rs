//! How long streams of other protocols live.

use std::time::Duration;

use super::world::{Peer, World, proxy};

async fn tunnel(world: &mut World) -> (Peer, Peer) {
    let mut client = world.client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        .await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream
        .says("HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        .await;
    client.head().await;
    client.says("hello").await;
    upstream.hears("hello").await;
    (client, upstream)
}

async fn pass(client: &mut Peer, upstream: &mut Peer) {
    client.says("on").await;
    upstream.hears("on").await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_closed_when_its_time_is_over() {
    let mut world = proxy(r#""stream_timeout":"10s","stream_buffer_size":3"#);
    let (mut client, mut upstream) = tunnel(&mut world).await;
    tokio::time::sleep(Duration::from_secs(9)).await;
    pass(&mut client, &mut upstream).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.hears_the_end().await;
    upstream.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_outlives_its_config_for_as_long_as_it_may() {
    let mut world = proxy(r#""stream_close_delay":"10s""#);
    let (mut client, mut upstream) = tunnel(&mut world).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    pass(&mut client, &mut upstream).await;
    world.ends_config();
    tokio::time::sleep(Duration::from_secs(9)).await;
    pass(&mut client, &mut upstream).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_on_after_its_config_if_nothing_is_said() {
    let mut world = proxy("");
    let (mut client, mut upstream) = tunnel(&mut world).await;
    world.ends_config();
    tokio::time::sleep(Duration::from_secs(60)).await;
    pass(&mut client, &mut upstream).await;
}
