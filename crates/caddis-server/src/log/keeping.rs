//! How a config says that a log's file is kept.

use caddis_ir::FileWriter;

use super::file::{Compression, FolderMode, Keeping, TimeOfDay};

/// Reads what a config says of a file.
pub(super) fn read(writer: &FileWriter) -> Result<Keeping, String> {
    let roll = writer.roll.unwrap_or(true);
    let interval = writer.roll_interval;
    let interval = interval.filter(|interval| roll && interval.0 > 0);
    let mode = writer.mode.as_deref().map(permissions).transpose()?;
    let usual = Keeping::of(
        roll,
        writer.roll_size_mb,
        writer.roll_keep,
        writer.roll_keep_days,
    );
    Ok(Keeping {
        mode: mode.flatten(),
        interval: interval.map(caddis_ir::Duration::to_std),
        times: if roll { times(writer)? } else { Vec::new() },
        compression: compression(writer)?,
        local_time: writer.roll_local_time,
        name_format: Some(writer.backup_time_format.clone()).filter(|format| !format.is_empty()),
        folder_mode: folder_mode(&writer.dir_mode, usual.folder_mode)?,
        ..usual
    })
}

fn times(writer: &FileWriter) -> Result<Vec<TimeOfDay>, String> {
    let minutes = writer.roll_minutes.iter().map(|minute| {
        let minute = u8::try_from(*minute).ok().filter(|minute| *minute < 60);
        let minute = minute.ok_or("an hour has the minutes 0 to 59")?;
        Ok(TimeOfDay { hour: None, minute })
    });
    let hours = writer.roll_at.iter().map(|text| {
        let (hour, minute) = text.split_once(':').unwrap_or((text, ""));
        let number = |text: &str, end: u8| text.parse().ok().filter(|number| *number < end);
        let time = number(hour, 24).zip(number(minute, 60));
        let (hour, minute) = time.ok_or_else(|| {
            format!("`{text}` is no time of day: write hours and minutes (`06:00`)")
        })?;
        Ok(TimeOfDay {
            hour: Some(hour),
            minute,
        })
    });
    minutes.chain(hours).collect()
}

fn compression(writer: &FileWriter) -> Result<Compression, String> {
    match writer.roll_compression.as_str() {
        "" if writer.roll_gzip == Some(false) => Ok(Compression::None),
        "" | "gzip" => Ok(Compression::Gzip),
        "none" => Ok(Compression::None),
        "zstd" => Ok(Compression::Zstd),
        other => Err(format!(
            "`{other}` is no way to compress files: write `gzip`, `zstd` or `none`"
        )),
    }
}

fn folder_mode(text: &str, usual: FolderMode) -> Result<FolderMode, String> {
    match text {
        "" => Ok(usual),
        "inherit" => Ok(FolderMode::OfParent),
        "from_file" => Ok(FolderMode::OfFile),
        octal => Ok(permissions(octal)?.map_or(usual, FolderMode::Bits)),
    }
}

/// Permissions in octal; zero stands for those that a file has if the config gives none.
fn permissions(text: &str) -> Result<Option<u32>, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o777 => Ok(Some(mode).filter(|mode| *mode > 0)),
        Ok(_) | Err(_) => Err(format!(
            "`{text}` is not a set of permissions: write it in octal (`0640`)"
        )),
    }
}
