//! Tests of log files: when they are rolled, and what is kept of them.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::file::{Compression, DAY, Keeping, LogFile, MIB, TimeOfDay, next_time};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Writes numbered lines of more than 80 bytes to `a.log` in a folder, and waits until all is tidy.
fn write(folder: &Path, keeping: Keeping, lines: u32) {
    let mut file = LogFile::open(&folder.join("a.log"), keeping.clone()).unwrap();
    file.keep(keeping).unwrap();
    for number in 0..lines {
        file.write(&format!("{number}{}\n", "x".repeat(80)))
            .unwrap();
        // Names have milliseconds.
        std::thread::sleep(Duration::from_millis(2));
    }
    file.flush().unwrap();
}

fn small() -> Keeping {
    Keeping {
        size: Some(100),
        ..Keeping::of(true, None, None, None)
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_that_has_grown_is_rolled_compressed_and_removed_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("a-notes.log");
    std::fs::write(&other, "mine").unwrap();
    let keeping = Keeping { keep: 2, ..small() };
    write(folder.path(), keeping, 5);
    let names = names(folder.path());
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(
        names[0].starts_with("a-20") && names[0].ends_with("-size.log.gz"),
        "{names:?}"
    );
    let current = std::fs::read_to_string(folder.path().join("a.log")).unwrap();
    assert!(current.starts_with('4'));
    let rolled = std::fs::File::open(folder.path().join(&names[1])).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(rolled)
        .read_to_string(&mut text)
        .unwrap();
    assert!(text.starts_with('3'), "{text}");
    assert_eq!(std::fs::read_to_string(other).unwrap(), "mine");
}

#[test]
fn rolled_files_stay_as_they_are_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let keeping = Keeping {
        compression: Compression::None,
        ..small()
    };
    write(folder.path(), keeping, 3);
    let names = names(folder.path());
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].ends_with("-size.log"), "{names:?}");
    let rolled = std::fs::read_to_string(folder.path().join(&names[0])).unwrap();
    assert!(rolled.starts_with('0'), "{rolled}");
}

#[test]
fn a_file_grows_where_rolling_is_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let keeping = Keeping::of(false, Some(1), None, None);
    let mut file = LogFile::open(&folder.path().join("a.log"), keeping.clone()).unwrap();
    file.keep(keeping).unwrap();
    for _ in 0..3 {
        file.write(&"x".repeat(500_000)).unwrap();
    }
    file.flush().unwrap();
    assert_eq!(names(folder.path()), ["a.log"]);
    let size = std::fs::metadata(folder.path().join("a.log"))
        .unwrap()
        .len();
    assert!(size > MIB, "{size}");
}

#[test]
fn a_file_is_rolled_when_its_time_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let keeping = Keeping {
        interval: Some(Duration::from_millis(1)),
        compression: Compression::None,
        ..Keeping::of(true, None, None, None)
    };
    write(folder.path(), keeping, 3);
    let mut names = names(folder.path());
    assert_eq!(names.pop().as_deref(), Some("a.log"));
    // On a busy machine the time of the empty file may have come before the first line.
    assert!((2..=3).contains(&names.len()), "{names:?}");
    assert!(
        names.iter().all(|name| name.ends_with("-time.log")),
        "{names:?}"
    );
}

#[test]
fn files_that_are_too_old_go_also_when_nothing_is_rolled() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("a-2020-01-01T00-00-00.000-size.log.gz");
    let young = folder.path().join("a-2020-01-02T00-00-00.000-time.log.gz");
    for (path, days) in [(&old, 3), (&young, 1)] {
        let file = std::fs::File::create(path).unwrap();
        let then = SystemTime::now() - DAY * days;
        file.set_modified(then).unwrap();
    }
    write(folder.path(), Keeping::of(true, None, None, Some(2)), 1);
    assert!(!old.exists());
    assert!(young.exists());
}

#[test]
fn the_config_s_permissions_are_given_to_old_and_new_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let with_mode = Keeping {
        mode: Some(0o640),
        ..small()
    };
    write(folder.path(), small(), 1);
    assert_eq!(mode(&path), 0o600);
    write(folder.path(), with_mode, 2);
    let names = names(folder.path());
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        assert_eq!(mode(&folder.path().join(&name)), 0o640, "{name}");
    }
}

#[test]
fn a_file_that_was_moved_away_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("a.log"), folder.path().join("b.log"));
    let mut file = LogFile::open(&path, small()).unwrap();
    file.write("1\n").unwrap();
    std::fs::rename(&path, &moved).unwrap();
    file.keep(small()).unwrap();
    file.write("2\n").unwrap();
    file.flush().unwrap();
    assert_eq!(std::fs::read_to_string(moved).unwrap(), "1\n");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "2\n");
}

#[test]
fn times_of_day_are_found_after_a_time() {
    let at = |hour, minute| TimeOfDay { hour, minute };
    let next = |times: &[TimeOfDay], minutes: u64| {
        let keeping = Keeping {
            times: times.to_vec(),
            ..small()
        };
        let after = SystemTime::UNIX_EPOCH + Duration::from_mins(minutes);
        let next = next_time(&keeping, after)?;
        let since = next.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Some(since.as_secs() / 60)
    };
    assert_eq!(next(&[], 0), None);
    assert_eq!(next(&[at(Some(6), 30)], 0), Some(6 * 60 + 30));
    assert_eq!(next(&[at(Some(6), 30)], 6 * 60 + 30), Some(30 * 60 + 30));
    assert_eq!(next(&[at(None, 0), at(None, 15)], 61), Some(75));
}

#[test]
fn old_files_are_named_and_compressed_as_the_config_says() {
    let folder = tempfile::tempdir().unwrap();
    let keeping = Keeping {
        compression: Compression::Zstd,
        name_format: Some("2006".into()),
        ..small()
    };
    write(folder.path(), keeping, 2);
    let names = names(folder.path());
    let [old, new] = names.as_slice() else {
        panic!("{names:?}");
    };
    assert!(
        old.starts_with("a-20") && old.ends_with("-size.log.zst"),
        "{old}"
    );
    assert_eq!(new, "a.log");
    let file = std::fs::File::open(folder.path().join(old)).unwrap();
    let text = std::io::read_to_string(zstd::Decoder::new(file).unwrap()).unwrap();
    assert!(text.starts_with("0xxx"), "{text}");
}
