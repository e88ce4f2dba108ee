<?php

// SPDX-License-Identifier: Apache-2.0

/* Nextcloud's side of HaRP's two questions, answered by AppAPI's controller. Run by `php -S`; WORLD names the settings. */

declare(strict_types=1);

namespace HarpInterop;

use OCA\AppAPI\Controller\HarpController;

require __DIR__ . '/world.php';

$settings = json_decode(file_get_contents(getenv('WORLD')), true);
// Whoever has this cookie is who it says.
$world = new World($settings + ['userId' => $_COOKIE['oc_sessionPassphrase'] ?? null]);
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$app = $_GET['appId'] ?? '';
$answer = match (true) {
  str_ends_with($path, '/apps/app_api/harp/exapp-meta') => $world->get(HarpController::class)->getExAppMetadata($app),
  str_ends_with($path, '/apps/app_api/harp/user-info') => $world->get(HarpController::class)->getUserInfo($app),
  default => new \OCP\AppFramework\Http\DataResponse([], 404),
};
http_response_code($answer->status);
header('Content-Type: application/json');
echo json_encode($answer->data);
