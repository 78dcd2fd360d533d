<?php
// Says what was asked for, without what differs from run to run.
header('Content-Type: text/plain');
$here = dirname(__DIR__, 2);
$skip = ['REMOTE_PORT', 'SERVER_SOFTWARE', 'REQUEST_TIME', 'REQUEST_TIME_FLOAT', 'HTTP_VIA', 'USER', 'HOME', 'FCGI_ROLE', 'SERVER_PORT', 'HTTP_HOST'];
ksort($_SERVER);
foreach ($_SERVER as $name => $value) {
    if (!in_array($name, $skip) && is_string($value)) {
        echo $name, '=', str_replace($here, '', $value), "\n";
    }
}
echo 'body=', file_get_contents('php://input'), "\n";
echo 'post=', json_encode($_POST), "\n";
foreach ($_FILES as $name => $file) {
    echo "file $name ", $file['name'], ' ', $file['size'], ' ', md5_file($file['tmp_name']), "\n";
}
