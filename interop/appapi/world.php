<?php

// SPDX-License-Identifier: Apache-2.0

/*
 * As much of a Nextcloud as AppAPI's classes need to live in: tables in a file, HTTP through Guzzle as Nextcloud's own
 * client does it, a log. AppAPI's classes come from the folder APP_API; whatever else of Nextcloud they
 * mention is made on the spot, without content.
 */

declare(strict_types=1);

namespace {
  error_reporting(E_ALL & ~E_DEPRECATED);
  foreach (['GuzzleHttp', 'Symfony/Component/Console', 'Psr/Log'] as $library) {
    require_once "/usr/share/php/$library/autoload.php";
  }
  define('APP_API_VERSION', preg_replace('/.*<version>(.*?)<.*/s', '$1', file_get_contents(getenv('APP_API') . '/appinfo/info.xml')));

  spl_autoload_register(function (string $class): void {
    $name = preg_replace('/.*\\\\/', '', $class);
    $namespace = substr($class, 0, -strlen($name) - 1);
    // Users' interface, artificial intelligence, the store: none of a gateway's business.
    $elsewhere = '/^OCA\\\\AppAPI\\\\(Fetcher|Service\\\\(UI|ProvidersAI|TalkBots|ExAppOcc|ExAppSetupCheck))/';
    $file = getenv('APP_API') . '/lib/' . strtr(substr($class, strlen('OCA\\AppAPI\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'OCA\\AppAPI\\') && !preg_match($elsewhere, $class) && is_file($file)) {
      require_once $file;
    } elseif (preg_match('/^(OCP?|OCA)(\\\\|$)/', $class)) {
      eval("namespace $namespace { " . match (true) {
        str_ends_with($name, 'Exception') => "class $name extends \\Exception {}",
        (bool)preg_match('/^I[A-Z]/', $name) => "interface $name {}",
        default => "class $name { public function __call(\$name, \$arguments) {} }",
      } . ' }');
    }
  });
}

namespace OCP\AppFramework\Db {
  /** A row with a getter and a setter for each of its properties. */
  abstract class Entity {
    public $id;
    private array $types = [];

    protected function addType(string $property, string $type): void {
      $this->types[$property] = $type;
    }

    public function __call(string $method, array $arguments) {
      $property = lcfirst(substr($method, 3));
      if (str_starts_with($method, 'get')) {
        return $this->$property;
      }
      $value = $arguments[0];
      $this->$property = match ($this->types[$property] ?? '') {
        'json' => is_string($value) ? json_decode($value, true) : $value,
        'integer' => (int)$value,
        default => $value,
      };
    }
  }

  /** Rows of one table, by name or by app and type. */
  abstract class QBMapper {
    public function __construct(protected $db, protected string $tableName) {
    }

    private function key(array $row): string {
      return ($row['appid'] ?? $row['name']) . ' ' . ($row['type'] ?? '');
    }

    public function insert(Entity $entity): Entity {
      return $this->db->change($this->tableName, function (array &$rows) use ($entity): Entity {
        $row = $entity->jsonSerialize();
        if (isset($rows[$this->key($row)])) {
          throw new \OCP\DB\Exception('there is a row ' . $this->key($row));
        }
        return $this->insertOrUpdate($entity, $rows);
      });
    }

    public function update(Entity $entity): Entity {
      return $this->insertOrUpdate($entity);
    }

    public function insertOrUpdate(Entity $entity, ?array &$rows = null): Entity {
      $put = function (array &$rows) use ($entity): Entity {
        $entity->setId($entity->getId() ?? random_int(1, PHP_INT_MAX));
        $row = $entity->jsonSerialize();
        $rows[$this->key($row)] = $row;
        return $entity;
      };
      return $rows === null ? $this->db->change($this->tableName, $put) : $put($rows);
    }
  }
}

namespace OCP\AppFramework {
  class Http {
    public const STATUS_UNAUTHORIZED = 401;
    public const STATUS_NOT_FOUND = 404;
    public const STATUS_NOT_IMPLEMENTED = 501;
  }
}

namespace OCP\AppFramework\Http {
  class DataResponse {
    public function __construct(public mixed $data = [], public int $status = 200) {
    }
  }
}

namespace OCP\AppFramework {
  class Controller {
    public function __construct(string $app, protected $request) {
    }
  }
}

namespace OCP {
  class Server {
    public static function get(string $type): never {
      throw new class("no $type here") extends \Exception implements \Psr\Container\NotFoundExceptionInterface {
      };
    }
  }
}

namespace OCA\AppAPI\Service {
  /** AppAPI waits for a first heartbeat ten minutes long; one will do here. */
  function sleep(int $seconds): int {
    if ((debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS, 2)[1]['function'] ?? '') === 'heartbeatExApp' && Patience::$left-- <= 0) {
      throw new \RuntimeException('no heartbeat within a minute');
    }
    return \sleep($seconds);
  }

  final class Patience {
    public static int $left = 60;
  }
}

namespace HarpInterop {
  use GuzzleHttp\Client;
  use OCA\AppAPI\Db;

  /** Tables in a file, which the processes of one Nextcloud share. */
  final class Tables implements \OCP\IDBConnection {
    public function __construct(private readonly string $file) {
    }

    public function rows(string $table): array {
      return $this->change($table, fn (array &$rows): array => $rows);
    }

    /** @param callable(array&): mixed $change */
    public function change(string $table, callable $change): mixed {
      $file = fopen($this->file, 'c+');
      flock($file, LOCK_EX);
      try {
        $all = unserialize(stream_get_contents($file) ?: serialize([]));
        $before = serialize($all);
        $all[$table] ??= [];
        $result = $change($all[$table]);
        if (serialize($all) !== $before) {
          ftruncate($file, 0);
          rewind($file);
          fwrite($file, serialize($all));
        }
        return $result;
      } finally {
        fclose($file);
      }
    }
  }

  final class Daemons extends Db\DaemonConfigMapper {
    public function findAll(?int $limit = null, ?int $offset = null): array {
      return array_values(array_map(fn (array $row) => new Db\DaemonConfig($row), $this->db->rows($this->tableName)));
    }

    public function findByName(string $name): Db\DaemonConfig {
      return array_values(array_filter($this->findAll(), fn ($daemon) => $daemon->getName() === $name))[0]
        ?? throw new \OCP\AppFramework\Db\DoesNotExistException($name);
    }
  }

  final class ExApps extends Db\ExAppMapper {
    public function findAll(?int $limit = null, ?int $offset = null): array {
      $daemons = $this->db->rows('ex_apps_daemons');
      return array_values(array_map(function (array $row) use ($daemons) {
        $daemon = array_diff_key($daemons[$row['daemon_config_name'] . ' '] ?? [], ['id' => 0, 'name' => 0]);
        return new Db\ExApp([...$row, ...$daemon, 'routes' => $row['routes'] ?? []]);
      }, $this->db->rows($this->tableName)));
    }

    public function findByAppId(string $appId): Db\ExApp {
      return array_values(array_filter($this->findAll(), fn ($exApp) => $exApp->getAppid() === $appId))[0]
        ?? throw new \OCP\AppFramework\Db\DoesNotExistException($appId);
    }

    public function getUsedPorts(): array {
      return array_map(fn ($exApp) => $exApp->getPort(), $this->findAll());
    }

    public function deleteExApp(string $appId): int {
      return $this->db->change($this->tableName, function (array &$rows) use ($appId): int {
        $found = isset($rows["$appId "]);
        unset($rows["$appId "]);
        return (int)$found;
      });
    }

    public function updateExApp(Db\ExApp $exApp, array $fields): int {
      return $this->set($exApp, array_intersect_key($exApp->jsonSerialize(), array_flip($fields)));
    }

    public function registerExAppRoutes(Db\ExApp $exApp, array $routes): int {
      // Lists are JSON in Nextcloud's table, and so AppAPI expects them.
      $json = fn ($value) => is_array($value) ? json_encode($value) : $value;
      return $this->set($exApp, ['routes' => array_map(fn (array $route) => array_map($json, $route), $routes)]);
    }

    public function removeExAppRoutes(Db\ExApp $exApp): int {
      return $this->set($exApp, ['routes' => []]);
    }

    private function set(Db\ExApp $exApp, array $fields): int {
      return $this->db->change($this->tableName, function (array &$rows) use ($exApp, $fields): int {
        $key = $exApp->getAppid() . ' ';
        if (!isset($rows[$key])) {
          return 0;
        }
        $rows[$key] = [...$rows[$key], ...$fields];
        return 1;
      });
    }
  }

  final class DeployOptions extends Db\ExAppDeployOptionsMapper {
    public function findAll(): array {
      return array_values($this->db->rows($this->tableName));
    }

    public function removeAllByAppId(string $appId): int {
      return $this->db->change($this->tableName, function (array &$rows) use ($appId): int {
        $before = count($rows);
        $rows = array_filter($rows, fn (array $row) => $row['appid'] !== $appId);
        return $before - count($rows);
      });
    }
  }

  /** AppAPI's words, in a file; those since {@see since()} explain a step that failed. */
  final class Log extends \Psr\Log\AbstractLogger {
    private array $lines = [];

    public function __construct(private readonly string $file) {
    }

    public function log($level, $message, array $context = []): void {
      file_put_contents($this->file, date('H:i:s ') . "$level $message\n", FILE_APPEND);
      if (in_array($level, ['warning', 'error'], true)) {
        $this->lines[] = (string)$message;
      }
    }

    public function since(): array {
      [$lines, $this->lines] = [$this->lines, []];
      return $lines;
    }
  }

  /** As Nextcloud's: 30 seconds unless told otherwise, errors are exceptions, bodies are strings. */
  final class HttpClient implements \OCP\Http\Client\IClient, \OCP\Http\Client\IClientService {
    public function __construct(private readonly Client $client) {
    }

    public function newClient(): self {
      return $this;
    }

    public function __call(string $method, array $arguments) {
      [$uri, $options] = $arguments + [1 => []];
      return new HttpAnswer($this->client->request(strtoupper($method), $uri, $options + ['timeout' => 30]));
    }
  }

  final class HttpAnswer implements \OCP\Http\Client\IResponse {
    public function __construct(private readonly \Psr\Http\Message\ResponseInterface $answer) {
    }

    public function getStatusCode(): int {
      return $this->answer->getStatusCode();
    }

    public function getBody(): string {
      return (string)$this->answer->getBody();
    }
  }

  /**
   * One Nextcloud with AppAPI in it. Settings: `tables` and `log` (files), `resolve` (host:port:address for names that
   * no server knows), `docker_api_version` as AppAPI has it, and, where one asks, the `userId`.
   */
  final class World {
    private array $objects = [];
    public readonly Log $log;
    public readonly Client $http;

    public function __construct(public readonly array $settings) {
      $this->log = new Log($settings['log']);
      $this->http = new Client(['curl' => [CURLOPT_RESOLVE => $settings['resolve'] ?? []]]);
    }

    /**
     * @template T of object
     * @param class-string<T> $type
     * @return T the only one, made of what its constructor asks for
     */
    public function get(string $type): object {
      return $this->objects[$type] ??= $this->ours($type) ?? $this->make($type);
    }

    private function ours(string $type): ?object {
      $tables = fn () => $this->get(\OCP\IDBConnection::class);
      return match ($type) {
        \OCP\IDBConnection::class => new Tables($this->settings['tables']),
        Db\DaemonConfigMapper::class => new Daemons($tables()),
        Db\ExAppMapper::class => new ExApps($tables()),
        Db\ExAppDeployOptionsMapper::class => new DeployOptions($tables()),
        \Psr\Log\LoggerInterface::class => $this->log,
        \OCP\Http\Client\IClientService::class => new HttpClient($this->http),
        default => null,
      };
    }

    private function make(string $type): object {
      if (interface_exists($type)) {
        return self::blank($type, $this->answers($type));
      }
      $class = new \ReflectionClass($type);
      return $class->newInstanceArgs(array_map(
        fn (\ReflectionParameter $parameter) => $parameter->getType()->isBuiltin()
          ? $this->settings[$parameter->getName()] ?? null
          : $this->get($parameter->getType()->getName()),
        $class->getConstructor()?->getParameters() ?? [],
      ));
    }

    /** What Nextcloud says of itself. */
    private function answers(string $type): array {
      $user = self::blank(\OCP\IUser::class, ['isEnabled' => fn () => true]);
      return match ($type) {
        \OCP\IConfig::class => [
          'getSystemValueBool' => fn () => true,
          'getSystemValueString' => fn (string $key, string $default = '') => $default,
        ],
        \OCP\IAppConfig::class => ['getValueString' => fn (string $app, string $key, string $default = '', bool $lazy = false) =>
          $key === 'docker_api_version' ? $this->settings[$key] ?? '' : $default],
        \OCP\App\IAppManager::class => ['getAppVersion' => fn () => APP_API_VERSION],
        \OCP\ICertificateManager::class => ['getAbsoluteBundlePath' => fn () => '/etc/ssl/certs/ca-certificates.crt'],
        \OCP\Security\ICrypto::class => ['encrypt' => strrev(...), 'decrypt' => strrev(...)],
        \OCP\Security\ISecureRandom::class => ['generate' => fn (int $length) => substr(bin2hex(random_bytes($length)), 0, $length)],
        \OCP\ICacheFactory::class => ['isAvailable' => fn () => false],
        \OCP\L10N\IFactory::class => ['findLanguage' => fn () => 'en'],
        \OCP\Security\Bruteforce\IThrottler::class => ['sleepDelayOrThrowOnMax' => fn () => 0],
        \OCP\IUserManager::class => ['get' => fn () => $user],
        \OCP\IGroupManager::class => ['isAdmin' => fn (string $user) => $user === 'admin'],
        \OCP\IRequest::class => [
          'getHeader' => fn (string $name) => $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? '',
          'getRemoteAddress' => fn () => $_SERVER['REMOTE_ADDR'],
        ],
        default => [],
      };
    }

    /** Something that does nothing, but for those methods. */
    private static function blank(string $interface, array $methods): object {
      $name = 'Blank' . md5($interface);
      if (!class_exists(__NAMESPACE__ . "\\$name", false)) {
        eval('namespace ' . __NAMESPACE__ . "; final class $name implements \\$interface { public function __construct(private array \$methods) {}
          public function __call(\$name, \$arguments) { return isset(\$this->methods[\$name]) ? (\$this->methods[\$name])(...\$arguments) : null; } }");
      }
      return new (__NAMESPACE__ . "\\$name")($methods);
    }
  }
}
