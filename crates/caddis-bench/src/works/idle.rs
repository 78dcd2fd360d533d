//! A turn in which connections are opened, asked once, and left alone.

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::task::JoinSet;

use crate::clients::exchange;
use crate::connect::{Connector, Stream};
use crate::job::Over;
use crate::measure::{Figures, Measure};
use crate::processes::resident;
use crate::server::Server;
use crate::{Failure, World};

/// How many are opened at once.
const AT_ONCE: usize = 20;
/// How many come from one address.
const FROM_ONE_ADDRESS: usize = 5000;
/// How long a server may take to come to rest.
const REST: Duration = Duration::from_millis(700);
/// The counts at which memory is read.
const STEPS: [(u32, Measure, Measure); 2] = [
    (1000, Measure::Memory1000, Measure::PerConnection1000),
    (10_000, Measure::Memory10000, Measure::PerConnection10000),
];
const KIB_IN_MIB: f64 = 1024.0;

/// What memory the server has alone, and with connections.
pub(crate) async fn idle(over: Over, server: &Server, world: &World) -> Result<Figures, Failure> {
    tokio::time::sleep(REST).await;
    let alone = resident(server.id())?;
    let mut figures = Figures::from([(Measure::IdleMemory, alone)]);
    let connector = Connector::new(over, &server.place, &world.roots)?;
    let mut open: Vec<Box<dyn Stream>> = Vec::new();
    for (count, all, each) in STEPS {
        let count = usize::try_from(count)?;
        while open.len() < count {
            let here = AT_ONCE.min(count - open.len());
            some(here, open.len(), &connector, &mut open).await?;
        }
        tokio::time::sleep(REST).await;
        let memory = resident(server.id())?;
        figures.insert(all, memory);
        let number = crate::statistics::number(count);
        figures.insert(each, (memory - alone) * KIB_IN_MIB / number);
    }
    Ok(figures)
}

/// Opens some more connections side by side; each has asked once.
async fn some(
    count: usize,
    opened: usize,
    connector: &Connector,
    open: &mut Vec<Box<dyn Stream>>,
) -> Result<(), Failure> {
    let from = u8::try_from(2 + opened / FROM_ONE_ADDRESS)?;
    let from = Ipv4Addr::new(127, 0, 0, from);
    let mut opening = JoinSet::new();
    for _ in 0..count {
        let connector = connector.clone();
        opening.spawn(async move {
            let mut stream = connector.connect_from(from).await?;
            let request = connector.get("/api/version");
            let answer = exchange(&mut *stream, &request, &mut BytesMut::new()).await?;
            let length = answer.length;
            answer.expect(200, length)?;
            Ok::<_, Failure>(stream)
        });
    }
    while let Some(stream) = opening.join_next().await {
        open.push(stream??);
    }
    Ok(())
}
