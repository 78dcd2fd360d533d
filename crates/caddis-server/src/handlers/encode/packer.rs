//! Packing bytes as they come: gzip (RFC 1952) and Zstandard (RFC 8878).

use std::io;
use std::sync::Arc;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use parking_lot::Mutex;
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

/// How answers are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// With a level from 0 to 9.
    Gzip(u32),
    /// With a level of the library, and whether a checksum is sent.
    Zstd(i32, bool),
}

/// Packers that wait for the next answer: making one costs more than packing a short answer.
#[derive(Debug)]
pub(crate) struct Packers {
    encoding: Encoding,
    idle: Mutex<Vec<Packer>>,
}

/// Packs one answer.
pub(super) enum Packer {
    Gzip(Box<Gzip>),
    Zstd(Encoder<'static>),
}

pub(super) struct Gzip {
    deflate: Compress,
    crc: Crc,
    has_begun: bool,
}

/// How many packers are kept: each has up to a megabyte.
const MAX_IDLE: usize = 8;
/// As Caddy has it, 128 KiB: what clients need of memory to unpack an answer.
const WINDOW_LOG: u32 = 17;
/// What a packer is given at a time to write to.
const ROOM: usize = 8 * 1024;
/// No name, no time, no flags; of an unknown system, as Go writes it.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

impl Encoding {
    /// Its name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zstd(..) => "zstd",
        }
    }
}

impl Packers {
    pub(crate) fn new(encoding: Encoding) -> Arc<Self> {
        let idle = Mutex::default();
        Arc::new(Self { encoding, idle })
    }

    /// How they pack.
    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The name of their encoding.
    pub(super) fn name(&self) -> &'static str {
        self.encoding.name()
    }

    /// A packer for a new answer.
    pub(super) fn take(&self) -> io::Result<Packer> {
        let idle = self.idle.lock().pop();
        idle.map_or_else(|| Packer::new(self.encoding), Ok)
    }

    /// Keeps a packer that is done, for another answer.
    pub(super) fn give_back(&self, mut packer: Packer) {
        if packer.reset().is_err() {
            return;
        }
        let mut idle = self.idle.lock();
        if idle.len() < MAX_IDLE {
            idle.push(packer);
        }
    }
}

impl Packer {
    fn new(encoding: Encoding) -> io::Result<Self> {
        Ok(match encoding {
            Encoding::Gzip(level) => Self::Gzip(Box::new(Gzip {
                deflate: Compress::new(Compression::new(level), false),
                crc: Crc::new(),
                has_begun: false,
            })),
            Encoding::Zstd(level, checksum) => {
                let mut encoder = Encoder::new(level)?;
                encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
                encoder.set_parameter(CParameter::ChecksumFlag(checksum))?;
                Self::Zstd(encoder)
            }
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(gzip) => {
                gzip.deflate.reset();
                gzip.crc.reset();
                gzip.has_begun = false;
                Ok(())
            }
            Self::Zstd(encoder) => encoder.reinit(),
        }
    }

    /// Packs some bytes; what comes of them may stay inside for a while.
    pub(super) fn pack(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Gzip(gzip) => gzip.pack(bytes, out),
            Self::Zstd(encoder) => {
                let mut input = InBuffer::around(bytes);
                while input.pos() < bytes.len() {
                    with_room(out, |room| encoder.run(&mut input, room))?;
                }
                Ok(())
            }
        }
    }

    /// Writes what stayed inside, so that all that was packed can be unpacked.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Gzip(gzip) => gzip.flush(out),
            Self::Zstd(encoder) => {
                while with_room(out, |room| encoder.flush(room))? > 0 {}
                Ok(())
            }
        }
    }

    /// Writes the end.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Gzip(gzip) => gzip.finish(out),
            Self::Zstd(encoder) => {
                while with_room(out, |room| encoder.finish(room, false))? > 0 {}
                Ok(())
            }
        }
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
}

/// One step of Zstandard, which writes to a buffer that is there already.
fn with_room(
    out: &mut Vec<u8>,
    step: impl FnOnce(&mut OutBuffer<'_, [u8]>) -> io::Result<usize>,
) -> io::Result<usize> {
    let before = out.len();
    out.resize(before + ROOM, 0);
    let (_, room) = out.split_at_mut(before);
    let mut room = OutBuffer::around(room);
    let left = step(&mut room);
    let written = room.pos();
    out.truncate(before + written);
    left
}

impl Gzip {
    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.has_begun {
            self.has_begun = true;
            out.extend_from_slice(&GZIP_HEADER);
        }
    }

    fn pack(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.begin(out);
        self.crc.update(bytes);
        while !bytes.is_empty() {
            let (read, _) = self.step(bytes, FlushCompress::None, out)?;
            bytes = bytes.get(read..).unwrap_or_default();
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.begin(out);
        self.step(&[], FlushCompress::Sync, out)?;
        loop {
            // It does not say whether there is more, so it is asked until nothing comes.
            let before = out.len();
            self.step(&[], FlushCompress::None, out)?;
            if out.len() == before {
                return Ok(());
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.begin(out);
        while self.step(&[], FlushCompress::Finish, out)?.1 != Status::StreamEnd {}
        out.extend_from_slice(&self.crc.sum().to_le_bytes());
        out.extend_from_slice(&self.crc.amount().to_le_bytes());
        Ok(())
    }

    /// One step; tells how many bytes it read.
    fn step(
        &mut self,
        bytes: &[u8],
        flush: FlushCompress,
        out: &mut Vec<u8>,
    ) -> io::Result<(usize, Status)> {
        out.reserve(ROOM);
        let before = self.deflate.total_in();
        let status = self.deflate.compress_vec(bytes, out, flush)?;
        let read = self.deflate.total_in() - before;
        Ok((usize::try_from(read).unwrap_or(bytes.len()), status))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Encoding, Packers};

    fn unpacked(encoding: Encoding, packed: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match encoding {
            Encoding::Gzip(_) => {
                let mut reader = flate2::read::MultiGzDecoder::new(packed);
                reader.read_to_end(&mut out).unwrap();
            }
            Encoding::Zstd(..) => out = zstd::stream::decode_all(packed).unwrap(),
        }
        out
    }

    fn text(length: usize) -> Vec<u8> {
        let words = (0_u32..).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
        words.map(|byte| byte % 64 + 32).take(length).collect()
    }

    #[test]
    fn what_was_packed_can_be_unpacked_whatever_the_level_and_however_often_a_packer_is_used() {
        for encoding in [
            Encoding::Gzip(0),
            Encoding::Gzip(1),
            Encoding::Gzip(5),
            Encoding::Gzip(9),
            Encoding::Zstd(1, true),
            Encoding::Zstd(3, false),
            Encoding::Zstd(11, true),
        ] {
            let packers = Packers::new(encoding);
            for length in [0, 1, 511, 8192, 300_000] {
                let text = text(length);
                let mut packer = packers.take().unwrap();
                let mut out = Vec::new();
                for part in text.chunks(70_001) {
                    packer.pack(part, &mut out).unwrap();
                }
                packer.finish(&mut out).unwrap();
                packers.give_back(packer);
                assert!(unpacked(encoding, &out) == text, "{encoding:?}: {length}");
            }
        }
    }

    #[test]
    fn all_that_was_packed_before_a_flush_can_be_unpacked_after_it() {
        for length in [1, 100, 7000, 200_000] {
            let text = text(length);
            let mut out = Vec::new();
            let mut packer = Packers::new(Encoding::Gzip(5)).take().unwrap();
            packer.pack(&text, &mut out).unwrap();
            packer.flush(&mut out).unwrap();
            let mut found = vec![0; length];
            let mut reader = flate2::read::GzDecoder::new(&out[..]);
            reader.read_exact(&mut found).unwrap();
            assert!(found == text, "gzip: {length}");

            let mut out = Vec::new();
            let mut packer = Packers::new(Encoding::Zstd(3, true)).take().unwrap();
            packer.pack(&text, &mut out).unwrap();
            packer.flush(&mut out).unwrap();
            let mut reader = zstd::stream::read::Decoder::new(&out[..]).unwrap();
            reader.read_exact(&mut found).unwrap();
            assert!(found == text, "zstd: {length}");
        }
    }
}
