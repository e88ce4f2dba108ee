<?php

// SPDX-License-Identifier: Apache-2.0

/*
 * The life of an ExApp as an administrator orders it from AppAPI with `occ`, and what its users then see.
 *
 *   php life.php SETTINGS WHAT...
 *
 * WHAT: a number of lives, one after another; `errors`: what has to fail, and what AppAPI says of it; or other settings:
 * the same ExApp in two Nextclouds.
 *
 * Settings (JSON) beside those of World: name; daemon, frp (host:port of HaRP); public (URL of Nextcloud), key; cli,
 * container (what names begin with at the engine); app; and for a HaRP that is being killed events (a file that tells
 * when), balancer (its log: when a request ended in ms, how many it took, server, status, how it ended, what it was), again (seconds for which a step that failed is tried again, so that the next ones mean something).
 */

declare(strict_types=1);

namespace HarpInterop;

use GuzzleHttp\Promise\Utils;
use OCA\AppAPI\AppInfo\Application;
use OCA\AppAPI\Command\Daemon;
use OCA\AppAPI\Command\ExApp as Occ;
use OCA\AppAPI\Db\ExApp;
use OCA\AppAPI\DeployActions\DockerActions;
use OCA\AppAPI\Service;
use Symfony\Component\Console\Input\ArrayInput;
use Symfony\Component\Console\Output\BufferedOutput;

require __DIR__ . '/world.php';

/** Counts, and says what happened around a step that failed. */
final class Steps {
  /** Seconds by which what the script and the balancer say of the same moment may differ. */
  private const CLOCKS = 0.2;
  /** Seconds after which all nodes have found a Redis that is back. */
  private const FOUND_AGAIN = 2;
  private static int $ok = 0;
  private static int $explained = 0;
  private static int $failed = 0;

  /** @param callable(): string $check what is wrong, nothing if nothing is */
  public static function take(World $world, string $what, callable $check): void {
    $name = $world->settings['name'];
    $world->log->since();
    $begin = microtime(true);
    $wrong = self::attempt($check);
    $line = sprintf('%s %s: %s (%.1f s)', date('H:i:s', (int)$begin), $name, $what, microtime(true) - $begin);
    if ($wrong === '') {
      self::$ok++;
      echo "ok      $line\n";
      return;
    }
    // What was under way is written down once it has ended.
    usleep(300_000);
    $events = self::events($world, $begin - 15, microtime(true));
    $lost = self::lost($world, $begin, microtime(true));
    $lost ? self::$explained++ : self::$failed++;
    echo "FAILED  $line\n", preg_replace('/^/m', '          ', trim($wrong)), "\n";
    foreach ([...$world->log->since(), ...preg_replace('/^\S+ /', '', $events), ...($lost ?: ['nothing of this was lost by a kill'])] as $said) {
      echo '          | ', substr($said, 0, 400), "\n";
    }
    $until = $begin + ($world->settings['again'] ?? 0);
    while ($wrong !== '' && microtime(true) < $until) {
      usleep(500_000);
      $wrong = self::attempt($check);
    }
    if ($wrong === '') {
      printf("          then ok, after %.1f s\n", microtime(true) - $begin);
    }
  }

  private static function attempt(callable $check): string {
    try {
      return $check();
    } catch (\Throwable $thrown) {
      return get_class($thrown) . ': ' . $thrown->getMessage() . ($thrown instanceof \Error ? " at {$thrown->getFile()}:{$thrown->getLine()}" : '');
    }
  }

  /**
   * Requests of this time that failed, by the balancer's log, and were under way when a node was killed, or while Redis
   * was away: those only may fail.
   */
  private static function lost(World $world, float $from, float $to): array {
    $log = $world->settings['balancer'] ?? null;
    $spans = self::spans($world, $from - 30, $to);
    $lost = [];
    foreach ($log !== null && is_file($log) ? file($log, FILE_IGNORE_NEW_LINES) : [] as $line) {
      if (!preg_match('/^(\d+) (\d+) (\S+) (-?\d+) (\S+) (.*)/', $line, $it)) {
        continue;
      }
      [, $end, $took, $server, $status, $ending, $request] = $it;
      $end /= 1000;
      $begin = $end - $took / 1000;
      $failed = $status < 0 || $status >= 500 || !str_starts_with($ending, '--');
      if (!$failed || $end < $from || $begin > $to) {
        continue;
      }
      foreach ($spans as [$what, $since, $until]) {
        if ($begin <= $until + self::CLOCKS && $end >= $since - self::CLOCKS) {
          $lost[] = sprintf('%s: %s at server %s, %s %s after %.1f s', $what, $request, $server, $status, $ending, $took / 1000);
        }
      }
    }
    return $lost;
  }

  /** When nodes were killed, and from when to when Redis was away: what, since, until. */
  private static function spans(World $world, float $from, float $to): array {
    $spans = [];
    $away = null;
    foreach (self::events($world, $from, $to) as $line) {
      [$at, , $what] = explode(' ', $line, 3);
      if ($what === 'redis was killed') {
        $away = (float)$at;
      } elseif (str_starts_with($what, 'redis is back')) {
        $spans[] = ['Redis was away', $away ?? $from, (float)$at + self::FOUND_AGAIN];
        $away = null;
      } elseif (str_ends_with($what, 'was killed')) {
        $spans[] = [$what, (float)$at, (float)$at];
      }
    }
    return $away === null ? $spans : [...$spans, ['Redis was away', $away, $to]];
  }

  /** What was done to HaRP meanwhile. */
  private static function events(World $world, float $from, float $to): array {
    $file = $world->settings['events'] ?? null;
    return array_values(array_filter($file !== null && is_file($file) ? file($file, FILE_IGNORE_NEW_LINES) : [],
      fn (string $line) => (float)$line >= $from && (float)$line <= $to));
  }

  public static function finish(string $name): never {
    $all = self::$ok + self::$explained + self::$failed;
    printf("%s: %d of %d steps ok%s\n", $name, self::$ok, $all,
      self::$explained ? sprintf(', %d failed by what was killed, %d otherwise', self::$explained, self::$failed) : '');
    exit(self::$failed ? 1 : 0);
  }
}

/** One administrator, and the users, of one Nextcloud. */
final class Life {
  private int $release = 0;

  public function __construct(private readonly World $world, private readonly string $app) {
  }

  public function daemon(): void {
    $its = $this->world->settings;
    if ($this->config() === null) {
      $this->step('AppAPI takes HaRP as its deploy daemon', fn () => $this->occ(Daemon\RegisterDaemon::class, [
        'name' => 'harp', 'display-name' => 'HaRP', 'accepts-deploy-id' => 'docker-install', 'protocol' => 'http',
        'host' => $its['daemon'], 'nextcloud_url' => $its['public'], '--harp' => true,
        '--harp_frp_address' => $its['frp'], '--harp_shared_key' => $its['key'], '--set-default' => true,
      ]));
      $this->step('images of harp-test are local ones', fn () => $this->occ(Daemon\AddRegistry::class, [
        'name' => 'harp', '--registry-from' => 'harp-test', '--registry-to' => 'local',
      ]));
    }
    $this->step('HaRP has a version that AppAPI takes', fn () => self::is(true, version_compare(
      $this->world->get(Service\HarpService::class)->getHarpVersion($this->config()) ?? '0', Application::MINIMUM_HARP_VERSION, '>=')));
    $this->step('the engine answers a ping', fn () => self::is(true, $this->docker()->ping($this->url())));
    $this->step('and knows its image', fn () => self::is(true, $this->docker()->imageExists($this->url(), 'harp-test/exapp:1')));
  }

  public function whole(): void {
    $this->install();
    $this->isServed();
    $this->step('20 requests at once', function (): string {
      $all = Utils::settle(array_map(fn (int $n) => $this->world->http->getAsync($this->page("/public/$n"), ['timeout' => 30]), range(1, 20)))->wait();
      return self::is(20, count(array_filter($all, fn (array $it) => $it['state'] === 'fulfilled' && $it['value']->getStatusCode() === 200)));
    });
    $this->step('an upload of 8 MiB by a user', fn () => self::has(
      $this->browse('/user/upload', 'alice', 200, 'POST', str_repeat('x', 8 << 20)), '8388608 bytes'));
    $this->step('something is kept in its volume', fn () => $this->engine('exec', $this->container(), 'touch', "/nc_app_$this->app" . '_data/kept'));
    $this->step('it is disabled', fn () => $this->occ(Occ\Disable::class, ['appid' => $this->app]));
    $this->step('its container stands still', fn () => self::is('exited', $this->state()));
    $this->step('nobody is served', fn () => self::is(false, $this->status('/public') === 200));
    $this->step('it is enabled', function (): string {
      Service\Patience::$left = 60;
      return $this->occ(Occ\Enable::class, ['appid' => $this->app]);
    });
    $this->isServed();
    $this->update();
    $this->step('the same update again is none', fn () => $this->occ(Occ\Update::class, ['appid' => $this->app, '--json-info' => $this->info()]));
    $this->isServed();
    $this->hasKept();
    $this->step('it is unregistered', fn () => $this->occ(Occ\Unregister::class, ['appid' => $this->app]));
    $this->step('its container is gone', fn () => self::is('', $this->state()));
    $this->step('its volume is there', fn () => self::is(true, $this->hasVolume()));
    $this->step('nobody knows it', fn () => self::is(404, $this->status('/public')));
    $this->install();
    $this->hasKept();
    $this->remove();
  }

  public function install(): void {
    $this->step('it is registered', function (): string {
      if ($this->exApp() !== null) {
        // As the administrator does whose first try came to nothing.
        $this->occ(Occ\Unregister::class, ['appid' => $this->app, '--force' => true]);
      }
      Service\Patience::$left = 60;
      return $this->occ(Occ\Register::class, ['appid' => $this->app, 'daemon-config-name' => 'harp', '--json-info' => $this->info()]);
    });
    $this->step('its container runs and has no key of HaRP', function (): string {
      $this->docker()->initGuzzleClient($this->config());
      $it = $this->docker()->inspectContainer($this->url(), 'nc_app_' . $this->app);
      $environment = implode("\n", $it['Config']['Env'] ?? [$it['error'] ?? 'no environment']);
      return self::is(false, str_contains($environment, $this->world->settings['key'])) . self::is('running', $it['State']['Status'] ?? '')
        . self::has($environment, "HP_SHARED_KEY=harp2.$this->app.{$this->exApp()->getPort()}.", "APP_VERSION=1.0.$this->release", 'COLOUR=blue');
    });
    $this->step('its log can be read', fn () => self::has($this->docker()->getContainerLogs($this->url(), 'nc_app_' . $this->app), 'listening on'));
    $this->initialise();
  }

  public function update(): void {
    $this->step('it is updated', function (): string {
      $this->release++;
      Service\Patience::$left = 60;
      return $this->occ(Occ\Update::class, ['appid' => $this->app, '--json-info' => $this->info()]);
    });
    $this->initialise();
    $this->step('its container is the new one', fn () => self::has(
      $this->engineSays('inspect', '-f', '{{.Config.Env}}', $this->container()), "APP_VERSION=1.0.$this->release"));
  }

  /** What the ExApp tells AppAPI when it has done its part of /init, which that of harp-test leaves to others. */
  private function initialise(): void {
    $this->step('it was initialised, and is enabled', function (): string {
      $error = $this->exApp()->getStatus()['error'];
      Service\Patience::$left = 60;
      $this->world->get(Service\AppAPIService::class)->setAppInitProgress($this->exApp(), 100);
      return $error . $this->exApp()->getStatus()['error'] . self::is(1, $this->exApp()->getEnabled());
    });
  }

  public function isServed(): void {
    $secret = $this->exApp()?->getSecret();
    $service = $this->world->get(Service\AppAPIService::class);
    $body = fn ($answer) => is_array($answer) ? 'AppAPI: ' . $answer['error'] : $answer->getStatusCode() . ' ' . $answer->getBody();
    foreach (['GET', 'POST', 'PUT', 'DELETE'] as $method) {
      $this->step("AppAPI's own $method", fn () => self::has(
        $body($service->requestToExApp2($this->exApp(), '/any/where', 'alice', $method, ['q' => '1'], $method === 'GET' ? [] : ['a' => 'bc'])),
        "200 $method /any/where?q=1", 'authorization-app-api: ' . base64_encode("alice:$secret"), $method === 'GET' ? '0 bytes' : '10 bytes'));
    }
    $this->step('anybody at a public page', fn () => self::has($this->browse('/public/x?y', null, 200), 'GET /public/x?y', "ex-app-id: $this->app"));
    $this->step("a user at a user's page", fn () => self::has($this->browse('/user', 'alice', 200), base64_encode("alice:$secret")));
    $this->step("an administrator at an administrator's", fn () => self::has($this->browse('/admin', 'admin', 200), base64_encode("admin:$secret")));
    $this->step('a user there', fn () => self::is(false, $this->status('/admin', 'alice') === 200));
    $this->step('nobody in particular there', fn () => self::is(false, $this->status('/user') === 200));
  }

  public function hasKept(): void {
    $this->step('what was kept is there', fn () => self::has($this->browse('/public/data', null, 200), '_data/kept'));
  }

  public function remove(): void {
    $this->step('it is unregistered, and its data removed', fn () => $this->occ(Occ\Unregister::class, ['appid' => $this->app, '--rm-data' => true]));
    $this->step('nothing of it is left', fn () => self::is('', $this->state()) . self::is(false, $this->hasVolume()));
  }

  /** What has to fail. */
  public function errors(): void {
    $failing = fn (string $type, array $input, string ...$says) => fn () => self::has($this->occ($type, $input) ?: 'no error', ...$says);
    $register = ['appid' => $this->app, 'daemon-config-name' => 'harp'];
    $this->step('an image that is not there', $failing(Occ\Register::class, $register + ['--json-info' => $this->info('exapp-none')], 'deployment failed', 'exapp-none'));
    $this->step('a registry that is not there', $failing(Occ\Register::class, $register + ['--json-info' => $this->info('exapp', '127.0.0.1:9')], 'deployment failed'));
    $this->step('nothing is registered by that', fn () => self::is(null, $this->exApp()));
    $this->install();
    $this->step('a second registration', $failing(Occ\Register::class, $register + ['--json-info' => $this->info()], 'already registered'));
    $this->step('a container is removed behind AppAPI', fn () => $this->engine('rm', '-f', $this->container()));
    $this->step('it can be disabled', fn () => $this->occ(Occ\Disable::class, ['appid' => $this->app]));
    $this->step('enabling what is not there', $failing(Occ\Enable::class, ['appid' => $this->app], 'Failed to enable'));
    $this->step('unregistering it, too', $failing(Occ\Unregister::class, ['appid' => $this->app], 'Hint: If the container was already removed manually'));
    $this->step('but not by force', fn () => $this->occ(Occ\Unregister::class, ['appid' => $this->app, '--force' => true]));
    $this->install();
    $this->remove();
    $this->step('a daemon with another key', function (): string {
      $other = $this->config();
      $other->setDeployConfig(['haproxy_password' => strrev('not the key of this HaRP')] + $other->getDeployConfig());
      $docker = clone $this->docker();
      $docker->initGuzzleClient($other);
      return self::is(false, $docker->ping($this->url()));
    });
  }

  /** @param self $other an administrator of another Nextcloud with an ExApp of the same name, at the same HaRP and engine */
  public function beside(self $other): void {
    $this->install();
    $other->install();
    $this->step('both have the same port', fn () => self::is($this->exApp()->getPort(), $other->exApp()->getPort()));
    $this->step('and a container each', fn () => self::is('running running', $this->state() . ' ' . $other->state()));
    $this->isServed();
    $other->isServed();
    foreach ([[$this, $other], [$other, $this]] as [$one, $two]) {
      // Each /init knows its own secret only, so it was the other's if it says no.
      $one->step("its key by the other's host is for its own", fn () => self::is(200, $one->world->http->post($two->page('/init'),
        ['http_errors' => false, 'headers' => $one->headers()])->getStatusCode()));
      $one->step("the other's key with its secret is for the other's", fn () => self::is(401, $one->world->http->post($one->page('/init'),
        ['http_errors' => false, 'headers' => ['harp-shared-key' => $two->world->settings['key']] + $one->headers()])->getStatusCode()));
      $one->step('something is kept', fn () => $one->engine('exec', $one->container(), 'touch', "/nc_app_$one->app" . '_data/kept'));
    }
    $this->step('it is disabled', fn () => $this->occ(Occ\Disable::class, ['appid' => $this->app]));
    $other->isServed();
    $this->remove();
    $other->isServed();
    $other->hasKept();
    $other->update();
    $this->install();
    $other->remove();
    $this->isServed();
    $this->remove();
  }

  private function step(string $what, callable $check): void {
    Steps::take($this->world, $what, $check);
  }

  /** Runs a command of AppAPI's; gives what it said if that failed. */
  private function occ(string $type, array $input): string {
    $code = $this->code($type, $input, $said);
    return $code === 0 ? '' : "code $code: " . trim($said);
  }

  private function code(string $type, array $input, ?string &$said = null): int {
    $output = new BufferedOutput();
    $code = $this->world->get($type)->run(new ArrayInput($input), $output);
    $said = $output->fetch();
    return $code;
  }

  private function info(string $image = 'exapp', string $registry = 'harp-test'): string {
    $route = fn (string $url, int $level) => ['url' => $url, 'verb' => 'GET,POST', 'access_level' => $level, 'bruteforce_protection' => [401]];
    return json_encode([
      'id' => $this->app, 'name' => 'A life', 'version' => "1.0.$this->release",
      'docker-install' => ['registry' => $registry, 'image' => $image, 'image-tag' => '1'],
      'routes' => [$route('^/public', 0), $route('^/user', 1), $route('^/admin', 2)],
      'environment-variables' => ['variable' => ['name' => 'COLOUR', 'default' => 'blue']],
    ]);
  }

  private function headers(): array {
    return $this->world->get(Service\AppAPICommonService::class)->buildAppAPIAuthHeaders(null, 'admin', $this->exApp());
  }

  private function exApp(): ?ExApp {
    return $this->world->get(Service\ExAppService::class)->getExApp($this->app);
  }

  private function config(): ?\OCA\AppAPI\Db\DaemonConfig {
    return $this->world->get(Service\DaemonConfigService::class)->getDaemonConfigByName('harp');
  }

  private function docker(): DockerActions {
    $docker = $this->world->get(DockerActions::class);
    $docker->initGuzzleClient($this->config());
    return $docker;
  }

  private function url(): string {
    return $this->docker()->buildDockerUrl($this->config());
  }

  private function page(string $path): string {
    return $this->world->settings['public'] . "/exapps/$this->app$path";
  }

  private function browse(string $path, ?string $user, int $status, string $method = 'GET', ?string $body = null): string {
    $answer = $this->world->http->request($method, $this->page($path), ['http_errors' => false, 'timeout' => 60, 'body' => $body,
      'headers' => $user === null ? [] : ['Cookie' => "oc_sessionPassphrase=$user"]]);
    return $answer->getStatusCode() === $status ? (string)$answer->getBody() : "{$answer->getStatusCode()} {$answer->getBody()}";
  }

  private function status(string $path, ?string $user = null): int {
    return (int)($this->browse($path, $user, 0));
  }

  private function container(): string {
    return $this->world->settings['container'] . $this->app;
  }

  private function state(): string {
    return $this->engineSays('inspect', '--type', 'container', '-f', '{{.State.Status}}', $this->container());
  }

  private function hasVolume(): bool {
    return $this->engineSays('volume', 'inspect', '-f', '{{.Name}}', $this->container() . '_data') !== '';
  }

  private function engineSays(string ...$arguments): string {
    return trim((string)shell_exec($this->world->settings['cli'] . ' ' . implode(' ', array_map('escapeshellarg', $arguments)) . ' 2> /dev/null'));
  }

  private function engine(string ...$arguments): string {
    exec($this->world->settings['cli'] . ' ' . implode(' ', array_map('escapeshellarg', $arguments)) . ' 2>&1', $said, $code);
    return $code === 0 ? '' : implode("\n", $said);
  }

  private static function is(mixed $expected, mixed $actual): string {
    return $expected === $actual ? '' : 'expected ' . json_encode($expected) . ', got ' . json_encode($actual) . "\n";
  }

  private static function has(string $text, string ...$parts): string {
    $missing = array_filter($parts, fn (string $part) => !str_contains($text, $part));
    return $missing ? 'no ' . implode(', no ', $missing) . ' in: ' . substr($text, 0, 600) . "\n" : '';
  }
}

[, $file] = $argv;
$life = function (string $file): Life {
  $settings = json_decode(file_get_contents($file), true);
  ini_set('error_log', $settings['log']);
  return new Life(new World($settings), $settings['app']);
};
$one = $life($file);
$one->daemon();
foreach (array_slice($argv, 2) as $what) {
  if ($what === 'errors') {
    $one->errors();
  } elseif (is_numeric($what)) {
    for ($n = 0; $n < (int)$what; $n++) {
      $one->whole();
    }
  } else {
    $two = $life($what);
    $two->daemon();
    $one->beside($two);
  }
}
Steps::finish(basename($file, '.json'));
