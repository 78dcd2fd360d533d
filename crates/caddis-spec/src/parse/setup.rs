//! The lines before the first case: the world that the cases run in.

use caddis_source::{Code, FileId, Span};

use super::line::{Kind, Line};
use super::reader::Reader;
use super::upstream;
use crate::spec::{Case, Password, Spec, Text, Upstream};

const NO_CONFIG: Code = Code("spec/no-config");
const NOT_A_NAME: Code = Code("spec/not-a-file-name");
const TWO_CONFIGS: Code = Code("spec/two-configs");

/// Everything but the cases.
pub(super) struct Setup {
    config: Text,
    world: World,
}

#[derive(Default)]
struct World {
    env: Vec<(String, String)>,
    files: Vec<(String, String)>,
    passwords: Vec<Password>,
    upstreams: Vec<Upstream>,
}

impl Setup {
    /// The whole script.
    pub(super) fn with(self, file: FileId, cases: Vec<Case>) -> Spec {
        Spec {
            file,
            config: self.config,
            env: self.world.env,
            files: self.world.files,
            passwords: self.world.passwords,
            upstreams: self.world.upstreams,
            cases,
        }
    }
}

/// Reads up to the first case.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Setup> {
    let mut config: Option<Text> = None;
    let mut world = World::default();
    while let Some((line, span)) = reader.next_if(is_setup) {
        if line.kind != Kind::config {
            world.add(reader, &line, span);
        } else if config.is_some() {
            reader
                .error(TWO_CONFIGS, span, "there is a config already")
                .hint("write another file for another config");
        } else {
            config = Some(text(reader, &line, span));
        }
    }
    if config.is_none() {
        let start = Span::new(reader.file, 0, 0);
        reader
            .error(NO_CONFIG, start, "there is no config to test")
            .hint("write `config PATH` or `config <<EOF` before the first case");
    }
    Some(Setup {
        config: config?,
        world,
    })
}

fn is_setup(kind: Kind) -> bool {
    use Kind::{config, env, file, password, upstream};
    matches!(kind, config | env | file | password | upstream)
}

impl World {
    fn add(&mut self, reader: &mut Reader<'_>, line: &Line<'_>, span: Span) {
        match line.kind {
            Kind::env => self.env.push((
                line.text(Kind::variable).into(),
                line.text(Kind::text).into(),
            )),
            Kind::file => {
                let name = line.text(Kind::word);
                // Over sockets the file is written among links to what stands beside the script.
                if name.contains('/') || matches!(name, "." | "..") {
                    reader
                        .error(
                            NOT_A_NAME,
                            span,
                            format!("`{name}` is not the name of a file"),
                        )
                        .hint("write a name without a folder");
                }
                let content = heredoc(reader, line.text(Kind::heredoc), span);
                self.files.push((name.into(), content));
            }
            Kind::password => self.passwords.push(Password {
                user: line.text(Kind::word).into(),
                plain: line.text(Kind::text).into(),
                real: line.part(Kind::real).is_some(),
                span,
            }),
            // `is_setup` lets no other kind through.
            _ => self.upstreams.push(upstream::read(reader, line, span)),
        }
    }
}

fn text(reader: &mut Reader<'_>, line: &Line<'_>, span: Span) -> Text {
    match line.part(Kind::heredoc) {
        Some(opening) => Text::Here(heredoc(reader, opening, span), span),
        None => Text::Path(line.text(Kind::text).trim().into(), span),
    }
}

fn heredoc(reader: &mut Reader<'_>, opening: &str, span: Span) -> String {
    reader.heredoc(span, opening.trim_start_matches('<'))
}
