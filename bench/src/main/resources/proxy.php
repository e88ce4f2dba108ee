<?php
// SPDX-License-Identifier: Apache-2.0
// Reads a request and sends it on, as AppAPI's PHP proxy does. PHP has the whole body of a POST before this begins.
$request = curl_init('http://' . $_SERVER['EXAPP'] . $_SERVER['REQUEST_URI']);
curl_setopt_array($request, [
    CURLOPT_CUSTOMREQUEST => $_SERVER['REQUEST_METHOD'],
    CURLOPT_UPLOAD => true,
    CURLOPT_INFILE => fopen('php://input', 'rb'),
    CURLOPT_INFILESIZE => (int) $_SERVER['CONTENT_LENGTH'],
    CURLOPT_HTTPHEADER => ['Expect:', 'Content-Type: ' . $_SERVER['CONTENT_TYPE']],
]);
set_time_limit(0);
if (!curl_exec($request)) {
    http_response_code(502);
    echo curl_error($request);
}
