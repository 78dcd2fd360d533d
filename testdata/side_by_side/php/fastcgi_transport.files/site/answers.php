<?php
// Answers in the ways that a query asks for.
parse_str($_SERVER['QUERY_STRING'], $query);
header('Content-Type: text/plain');
if (isset($query['status'])) http_response_code((int) $query['status']);
if (isset($query['location'])) header('Location: ' . $query['location']);
if (isset($query['cookies'])) { setcookie('a', '1'); setcookie('b', '2'); }
if (isset($query['complain'])) fwrite(fopen('php://stderr', 'w'), "a complaint\n");
if (isset($query['large'])) { echo str_repeat("0123456789abcdef\n", 60000); }
if (isset($query['length'])) { header('Content-Length: 5'); echo 'hello'; exit; }
if (isset($query['fatal'])) { undefined_function(); }
if (isset($query['empty'])) { exit; }
echo 'done';
