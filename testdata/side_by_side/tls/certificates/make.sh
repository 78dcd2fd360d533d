#!/bin/sh
# Makes the certificates of the cases beside this folder, for a hundred years. PEM files have the certificate and its key.
set -e
cd "$(dirname "$0")"
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "$2" \
        -addext basicConstraints=critical,CA:TRUE -keyout "$1.key" -out "$1.crt"
}
# leaf NAME SUBJECT AUTHORITY SERIAL EXTENSIONS [DAYS [ALGORITHM]]
leaf() {
    if [ "${7:-ec}" = ec ]; then
        openssl req -utf8 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
    else
        openssl req -utf8 -newkey "$7" -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
    fi
    if [ -n "$5" ]; then
        printf '%s' "$5" > "$1.ext"
        openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -set_serial "$4" -days "${6:-36500}" \
            -extfile "$1.ext" -out "$1.crt"
    else
        openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -set_serial "$4" -days 36500 -out "$1.crt"
    fi
}
authority ca '/C=DE/O=Test Org, Inc./OU=Unit/CN=Test CA'
authority other '/CN=Other CA'
authority itself '/CN=itself'
names='subjectAltName=DNS:cl.test,DNS:cl2.test,email:m@x.test,IP:10.0.0.1,IP:::1,URI:spiffe://a/b'
leaf client '/C=DE/ST=Ba\/va/L=München/O=Cli\+ent;<>/OU=A/OU=B/CN=#cli,ent "x" /emailAddress=a@b.test/DC=test/street=Way 1/postalCode=123/serialNumber=77/title=Dr' \
    ca 0x1234567890abcdef1234 "extendedKeyUsage=clientAuth
$names"
leaf rsa '/CN=rsa' ca 5 'extendedKeyUsage=clientAuth' 36500 rsa:2048
leaf ed25519 '/CN=ed25519' ca 6 'extendedKeyUsage=clientAuth' 36500 ed25519
leaf version1 '/CN=version1' ca 7 ''
leaf stranger1 '/CN=stranger1' other 7 ''
leaf stranger '/CN=stranger' other 8 'extendedKeyUsage=clientAuth'
leaf expired '/CN=expired' ca 9 'extendedKeyUsage=clientAuth' 0
leaf server_only '/CN=server_only' ca 10 'extendedKeyUsage=serverAuth'
for one in a:1 b:2 c:3; do
    leaf "s_${one%:*}" "/O=Org ${one%:*}/CN=s.test" ca "${one#*:}" 'subjectAltName=DNS:s.test,DNS:*.w.test'
done
leaf s_rsa '/O=Org r/CN=s.test' ca 4 'subjectAltName=DNS:s.test' 36500 rsa:2048
leaf d '/O=Org d/CN=d.test' ca 11 'subjectAltName=DNS:d.test'
leaf local '/O=Org l/CN=127.0.0.1' ca 12 'subjectAltName=IP:127.0.0.1'
for one in client rsa ed25519 version1 stranger1 stranger expired server_only s_a s_b s_c s_rsa d local; do
    cat "$one.crt" "$one.key" > "$one.pem"
done
cat itself.crt itself.key > itself.pem
cp ca.crt ca.pem
mkdir -p folder/below leaves/below
cp client.crt leaves/below/client.pem
cp client.crt client_alone.pem
mv d.pem folder/below/d.pem
mv local.pem folder/local.pem
cp s_a.pem folder/not_a_pem.txt
rm -f ./*.csr ./*.ext ./*.key ./*.crt
