//! OCSP from outside: answers of a responder that certificates name are shown, kept, and minded.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::fs;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SerialNumber,
};

use crate::responder::{Responder, Says, status, wait_for_status, write_index};
use crate::server::{Launch, Server, free_port, is_real_caddy};

const NAME: &str = "a.localhost";
const GOOD: &str = "Cert Status: good";
const NONE: &str = "OCSP response: no response sent";

/// A certificate from a file that names a responder, and its authority.
struct World {
    launch: Launch,
    folder: tempfile::TempDir,
    port: u16,
}

impl World {
    fn new() -> Self {
        let world = Self {
            launch: Launch::new(free_port(), free_port()),
            folder: tempfile::tempdir().unwrap(),
            port: free_port(),
        };
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "authority");
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().pem();
        world.write("ca.pem", &root);
        world.write("ca.key", &key.serialize_pem());
        let issuer = Issuer::new(params, key);
        let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "The Leaf");
        params.serial_number = Some(SerialNumber::from_slice(&[0x1a, 0x2b]));
        params.custom_extensions = vec![responder_at(&format!("http://127.0.0.1:{}", world.port))];
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &issuer).unwrap().pem();
        world.write("chain.pem", &(leaf + &root));
        world.write("key.pem", &key.serialize_pem());
        world
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn respond(&self, says: Says) -> Responder {
        write_index(self.folder.path(), &[("1A2B".to_owned(), says)]);
        let pair = (&*self.path("ca.pem"), &*self.path("ca.key"));
        Responder::start(self.port, self.folder.path(), pair)
    }

    fn run(&self, options: &str) -> Server {
        let Launch { http, https, .. } = self.launch;
        let (chain, key) = (self.path("chain.pem"), self.path("key.pem"));
        self.launch.run(&format!(
            "{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n{options}}}\n\
             {NAME} {{\n\ttls {} {}\n\trespond hello\n}}\n",
            chain.display(),
            key.display()
        ))
    }

    fn wait_for(&self, server: &Server, text: &str) {
        wait_for_status(self.launch.https, NAME, text, &|| server.log());
    }

    /// The files in which answers are kept.
    fn kept(&self) -> Vec<String> {
        let entries = fs::read_dir(self.launch.data().join("ocsp"));
        let names = entries.into_iter().flatten().flatten();
        let names = names.map(|entry| entry.file_name().into_string().unwrap());
        names.collect()
    }
}

/// What says where the responder of a certificate is: `AuthorityInfoAccess` with one address.
fn responder_at(url: &str) -> CustomExtension {
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let of = |tag: u8, bytes: &[u8]| [&[tag, length(bytes)], bytes].concat();
    let ocsp = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1];
    let access = of(0x30, &[&ocsp[..], &of(0x86, url.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], of(0x30, &access))
}

#[test]
fn an_answer_is_shown_and_kept_and_shown_again_when_nobody_answers_any_more() {
    let world = World::new();
    let responder = world.respond(Says::Good);
    let server = world.run("");
    world.wait_for(&server, GOOD);
    drop(server);
    let kept = world.kept();
    let [file] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    // FNV-1a of the chain in PEM, as Caddy names it.
    let chain = fs::read_to_string(world.path("chain.pem")).unwrap();
    let hash = chain
        .replace("\r\n", "\n")
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
    assert_eq!(*file, format!("the_leaf-{hash:x}"));
    drop(responder);
    let server = world.run("");
    world.wait_for(&server, GOOD);
}

#[test]
fn no_answer_is_shown_where_the_config_says_so() {
    let world = World::new();
    let _responder = world.respond(Says::Good);
    let server = world.run("\tocsp_stapling off\n");
    world.wait_for(&server, NONE);
    assert!(world.kept().is_empty());
}

#[test]
fn a_responder_that_is_down_is_asked_again() {
    if is_real_caddy() {
        // It looks again after an hour.
        return;
    }
    let world = World::new();
    let server = world.run("");
    world.wait_for(&server, NONE);
    let begun = std::time::Instant::now();
    while !server.log().contains("stapling OCSP") {
        assert!(
            begun.elapsed() < crate::server::PATIENCE,
            "{}",
            server.log()
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let _responder = world.respond(Says::Good);
    world.wait_for(&server, GOOD);
}

#[test]
fn nothing_is_shown_of_a_certificate_that_was_revoked() {
    let world = World::new();
    let _responder = world.respond(Says::Compromised);
    let server = world.run("\tocsp_interval 1s\n");
    world.wait_for(&server, NONE);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(status(world.launch.https, NAME).contains(NONE));
    assert!(world.kept().is_empty());
}
