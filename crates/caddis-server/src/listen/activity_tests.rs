//! Tests of what connections are told to do, and when.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Settings;
use super::activity::{Activity, Command, Connections, Phase};

#[tokio::test(start_paused = true)]
async fn a_header_that_does_not_end_keeps_a_server_from_stopping_for_five_seconds() {
    let connections = Arc::new(Connections::new());
    let settings = Arc::new(Settings::default());
    let open = |phase| {
        let clock = Arc::clone(&connections.clock);
        let activity = Arc::new(Activity::new(clock, Arc::clone(&settings), phase));
        (connections.enter(&activity), activity)
    };
    let (header, busy) = (open(Phase::Header), open(Phase::Busy));
    connections.tell(Command::Finish);
    for (seconds, expected) in [(4, Command::Finish), (2, Command::Close)] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        connections.sweep();
        connections.close_unused();
        assert_eq!(header.1.command(), expected);
        assert_eq!(busy.1.command(), Command::Finish);
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_the_last_stream_is_handed_out_before_the_connection_ends() {
    let connections = Arc::new(Connections::new());
    let (clock, settings) = (
        Arc::clone(&connections.clock),
        Arc::new(Settings::default()),
    );
    let activity = Arc::new(Activity::new(clock, settings, Phase::Header));
    let _entered = connections.enter(&activity);
    activity.is_multiplexed();
    activity.request_begins(false);
    connections.tell(Command::Finish);
    for expected in [Command::Finish, Command::Finish, Command::Close] {
        tokio::time::advance(Duration::from_secs(1)).await;
        connections.sweep();
        if expected == Command::Finish && activity.phase() == Phase::Busy {
            activity.request_ends();
        }
        tokio::time::advance(Duration::from_millis(900)).await;
        connections.close_unused();
        assert_eq!(activity.command(), expected);
    }
}

#[tokio::test]
async fn the_date_is_ours_while_the_clock_shows_less_than_it_did() {
    let connections = Arc::new(Connections::new());
    let clock = Arc::clone(&connections.clock);
    let activity = Activity::new(Arc::clone(&clock), Arc::default(), Phase::Idle);
    let now = SystemTime::now();
    for (wall, is_ours) in [
        (now, false),
        (now - Duration::from_secs(1), false),
        (now - Duration::from_hours(1), true),
        (now - Duration::from_mins(1), true),
        (now, false),
        (now + Duration::from_hours(1), false),
        (now, true),
    ] {
        clock.look_at(wall);
        assert_eq!(activity.date().is_some(), is_ours, "{wall:?}");
    }
}
