// SPDX-License-Identifier: Apache-2.0
'use strict';

// Whatever comes from the gateway is text: it is set as such, and never as HTML.

const byId = id => document.getElementById(id);
const samples = { minute: [], hour: [], day: [] };
const most = { minute: 60, hour: 60, day: 96 };
const plots = {};
let range = 'minute';
let token = '';
let events = null;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) {
    made.textContent = text;
  }
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

async function ask(path, options = {}) {
  const answer = await fetch(path, {
    ...options,
    headers: { ...options.headers, 'harp-csrf': token },
  });
  const body = await answer.json();
  if (answer.status === 401 && path !== 'sign-in') {
    byId('administrator').hidden = !(body.administrators || !byId('administrator').hidden);
    showDoor();
  }
  if (!answer.ok) {
    throw new Error(body.status || `answer ${answer.status}`);
  }
  return body;
}

// --- the door

function showDoor() {
  if (events) {
    events.close();
    events = null;
  }
  token = '';
  byId('inside').hidden = true;
  byId('sign-out').hidden = true;
  byId('door').hidden = false;
  byId('state').textContent = '';
  byId('version').textContent = '';
  byId('key').focus();
}

function showInside() {
  byId('door').hidden = true;
  byId('inside').hidden = false;
  byId('sign-out').hidden = false;
  byId('main').focus();
  makePlots();
  listen();
}

async function signIn(fields) {
  byId('refusal').textContent = '';
  try {
    await ask('sign-in', { method: 'POST', body: new URLSearchParams(fields) });
    token = (await ask('session').catch(() => {
      throw new Error('The browser has not kept the session: at its public name this page needs HTTPS.');
    })).token;
    byId('key').value = '';
    showInside();
  } catch (refusal) {
    byId('refusal').textContent = refusal.message;
    byId('key').select();
  }
}

byId('sign-in').addEventListener('submit', event => {
  event.preventDefault();
  signIn({ key: byId('key').value });
});

byId('administrator').addEventListener('click', () => signIn({ as: 'administrator' }));

byId('sign-out').addEventListener('click', async () => {
  await ask('sign-out', { method: 'POST' }).catch(() => {});
  showDoor();
});

// --- what happens

function listen() {
  events = new EventSource('events');
  events.addEventListener('history', event => {
    Object.assign(samples, JSON.parse(event.data));
    drawPlots();
  });
  events.addEventListener('sample', event => {
    const sample = JSON.parse(event.data);
    const last = samples.minute[samples.minute.length - 1];
    if (!last || sample.at > last.at) {
      samples.minute.push(sample);
      samples.minute.splice(0, samples.minute.length - most.minute);
    }
    if (range === 'minute') {
      drawPlots();
    }
  });
  events.addEventListener('status', event => show(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    say('bad', 'The gateway does not answer; it is tried again.');
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(retry, 3000);
    }
  });
}

async function retry() {
  try {
    token = (await ask('session')).token;
    listen();
  } catch {
    if (events) {
      setTimeout(retry, 3000);
    }
  }
}

function say(kind, text) {
  const state = byId('state');
  if (state.textContent !== text) {
    state.textContent = text;
    state.className = kind;
  }
}

// --- plots

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function makePlot(id, series, format) {
  const place = byId(id);
  place.textContent = '';
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--raised') }, ticks: { show: false } };
  plots[id] = new uPlot({
    width: Math.max(place.clientWidth, 200),
    height: 180,
    legend: { show: true, live: false },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (plot, low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [{ ...axis, space: 70, values: (plot, values) => values.map(it => clock(it)) }, { ...axis, size: 60, values: (plot, values) => values.map(format) }],
    series: [{}, ...series.map(([label, name, dash]) =>
      ({ label, stroke: colour(name), width: 2, dash, points: { show: false } }))],
  }, [[], ...series.map(() => [])], place);
}

function makePlots() {
  makePlot('plot-requests', [['requests', '--main'], ['errors', '--bad', [6, 4]]], number);
  makePlot('plot-latency', [['half (p50)', '--main'], ['99 of 100 (p99)', '--odd', [6, 4]]], number);
  makePlot('plot-bytes', [['in', '--good', [6, 4]], ['out', '--main']], bytes);
  drawPlots();
}

function drawPlots() {
  const chosen = samples[range];
  const column = name => chosen.map(it => it[name]);
  const draw = (id, first, second) => {
    if (plots[id]) {
      plots[id].setData([column('at'), column(first), column(second)]);
    }
  };
  draw('plot-requests', 'requests', 'errors');
  draw('plot-latency', 'p50_ms', 'p99_ms');
  draw('plot-bytes', 'bytes_in', 'bytes_out');
  const last = chosen[chosen.length - 1];
  if (last) {
    byId('sum-requests').textContent = `${number(last.requests)}, of them failed ${number(last.errors)}`;
    byId('sum-latency').textContent = `p50 ${number(last.p50_ms)}, p99 ${number(last.p99_ms)}`;
    byId('sum-bytes').textContent = `in ${bytes(last.bytes_in)}, out ${bytes(last.bytes_out)}`;
  }
}

for (const button of document.querySelectorAll('[data-range]')) {
  button.addEventListener('click', () => {
    range = button.dataset.range;
    for (const other of document.querySelectorAll('[data-range]')) {
      other.setAttribute('aria-pressed', String(other === button));
    }
    drawPlots();
  });
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', makePlots);
new ResizeObserver(() => {
  for (const [id, plot] of Object.entries(plots)) {
    const width = byId(id).clientWidth;
    if (width > 0 && width !== plot.width) {
      plot.setSize({ width, height: 180 });
    }
  }
}).observe(document.body);

/** The time here, in 24 hours. */
function clock(seconds, digits = range === 'minute' ? 8 : 5) {
  return new Date(seconds * 1000).toTimeString().slice(0, digits);
}

function number(value) {
  return value === undefined || value === null ? '' : value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function bytes(value) {
  let unit = 0;
  let rest = value || 0;
  while (rest >= 1000 && unit < 4) {
    rest /= 1000;
    unit++;
  }
  return `${unit ? rest.toFixed(1) : rest} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

// --- tables

const slow = milliseconds => milliseconds >= 5000 ? 'bad' : milliseconds >= 1000 ? 'odd' : '';
const days = date => Math.floor((Date.parse(date) - Date.now()) / 86400000);
const ending = date => days(date) < 0 ? 'bad' : days(date) < 30 ? 'odd' : '';
const ways = {
  direct: ['directly', ''],
  tunnel: ['tunnel', 'good'],
  tunnel_away: ['tunnel is away', 'bad'],
  tunnel_of_another: ['tunnel of another deployment', 'bad'],
};

function openTo(levels) {
  return Object.entries(levels || {}).filter(([, count]) => count > 0)
    .map(([level, count]) => `${level}: ${count}`).join(', ') || 'nobody';
}

/** The first Nextcloud is the rest of the status. */
const nextclouds = status => [status, ...(status.instances || [])];
const named = (text, name) => name ? `${text} of ${name}` : text;

/** What all Nextclouds have of something, each with the name of its own. */
const ofAll = (status, what) => nextclouds(status).flatMap(it => (it[what] || []).map(each => ({ ...each, of: it.name })));

function exApps(status) {
  return nextclouds(status).flatMap(it => (it.exapps || []).map(exApp =>
    ({ ...exApp, of: it.name, recent: it.traffic.exapps[exApp.id] || {} })))
    .sort((one, other) => one.id < other.id ? -1 : 1);
}

const certificates = status => [...(status.https_certificates || []), ...(status.certificates || [])];

const tables = [
  remarks('alarms', 'bad'),
  remarks('warnings', 'odd'),
  {
    title: 'ExApps', rows: exApps,
    columns: ['id', 'reached', '#requests/s', '#errors/s', '#p50 ms', '#p99 ms', 'routes open to', 'heartbeat', 'at', 'version'],
    cells: exApp => {
      const recent = exApp.recent;
      const [way, kind] = ways[exApp.way] || ['', ''];
      return [named(exApp.id, exApp.of), [way, kind], number(recent.requests), [number(recent.errors), recent.errors > 0 ? 'bad' : ''],
        number(recent.p50_ms), [number(recent.p99_ms), slow(recent.p99_ms)],
        routes(exApp), heartbeat(exApp.heartbeat), `${exApp.host}:${exApp.port}`, exApp.version];
    },
  },
  {
    title: 'Refused or failed last', rows: status => status.refused, always: 'No request was refused, and none has failed.',
    columns: ['ended', '!request', '#answer', '!why', 'from', 'X-Request-Id'],
    cells: it => [clock(Date.parse(it.ended) / 1000, 8), `${it.method} ${it.path}`, it.status ? String(it.status) : 'none',
      [it.problem, it.means].filter(Boolean).join('; '), it.client, explained(it.id)],
  },
  {
    title: 'Tunnels', rows: status => status.tunnels && status.tunnels.sessions.map(it => ({ ...it, rates: rates(it) })),
    columns: ['ports', 'from', 'client', 'way', 'TLS', 'since', '#round trip ms', '#streams', '#in', '#in/s', '#out', '#out/s'],
    cells: it => [it.proxies.map(proxy => `${proxy.name}:${proxy.port}`).join(' ') || 'none', it.address, `frp ${it.frp}`,
      it.multiplexed ? `${it.transport}, one connection` : `${it.transport}, one for each stream`,
      it.tls ? ['yes', ''] : ['no', 'odd'], when(it.since), it.round_trip_ms === null ? '' : number(it.round_trip_ms), String(it.streams),
      bytes(it.bytes_in), bytes(it.rates[0]), bytes(it.bytes_out), bytes(it.rates[1])],
  },
  {
    title: 'Straight ways to services', rows: status => [status.tunnels && status.tunnels.introductions].filter(it => it && it.begun),
    columns: ['#visitors', '#introduced', '#met'], cells: it => [String(it.begun), String(it.made), String(it.met)],
  },
  {
    title: 'Orders under way', rows: status => status.orders, columns: ['at', '!what', '#seconds', 'progress'],
    cells: it => [it.place, it.what, String(it.seconds), it.percent === undefined ? '' : progress(it)],
  },
  {
    title: 'Engines and clusters', columns: ['number', '!at'], cells: it => [named(it.port, it.of), it.at],
    rows: status => [...ofAll(status, 'engines'), ...nextclouds(status).flatMap(it => (it.clusters || []).map(at => ({ port: at, at: 'Kubernetes', of: it.name })))],
  },
  {
    title: 'Nodes', rows: status => status.cluster && status.cluster.nodes, columns: ['name', 'state', 'version'],
    cells: it => [it.name, [it.state, ['this', 'present'].includes(it.state) ? 'good' : 'bad'], it.version],
  },
  {
    title: 'Nextclouds', rows: status => status.instances && status.instances.length ? nextclouds(status) : [], columns: ['name', 'at', '#ExApps', '#engines'],
    cells: it => [it.name || 'of the variables', it.nextcloud, String(it.exapps.length), String(it.engines.length)],
  },
  {
    title: 'Certificates', rows: certificates,
    columns: ['for', 'file', '!subject', 'ends', '#days'],
    cells: it => [it.sha256 ? 'tunnels' : 'HTTPS', it.file.replace(/.*\//, ''), it.problem ? [it.problem, 'bad'] : it.subject,
      it.problem ? '' : when(it.not_after), it.problem ? '' : [String(days(it.not_after)), ending(it.not_after)]],
  },
  {
    title: 'Bans', rows: status => status.bans, always: 'Nobody has failures that count.',
    columns: ['address', 'list', 'state', '!failures', ''],
    cells: it => [it.address, it.list, it.banned ? ['banned', 'bad'] : ['counted', ''], counted(it.events), endBan(it)],
  },
];

const tableId = title => `table-${title.replace(/ /g, '-')}`;
const when = date => String(date).slice(0, 16).replace('T', ' ') + ' UTC';

function counted(failures) {
  const counts = new Map();
  for (const failure of failures) {
    counts.set(failure.reason, (counts.get(failure.reason) || 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${reason} ${count}×`).join(', ');
}

function heartbeat(last) {
  if (!last) {
    return '';
  }
  return [`${last.status || 'no answer'}, ${when(last.at)}`, last.status === 200 ? 'good' : 'bad'];
}

/** What has passed since the last look, by the second. */
const passed = new Map();

function rates(tunnel) {
  const id = `${tunnel.address} ${tunnel.since}`;
  const now = { at: Date.now(), in: tunnel.bytes_in, out: tunnel.bytes_out };
  const before = passed.get(id) || now;
  const seconds = Math.max(1, (now.at - before.at) / 1000);
  passed.set(id, now);
  return [(now.in - before.in) / seconds, (now.out - before.out) / seconds].map(Math.round);
}

/** Routes that somebody wanted to see: they stay open. */
const opened = new Map();
const routesId = (nextcloud, exApp) => `routes-${nextcloud || ''}-${exApp}`;

function routes(exApp) {
  const id = routesId(exApp.of, exApp.id);
  const made = element('details');
  const list = element('ul', null, { class: 'routes' });
  made.append(element('summary', openTo(exApp.open_to), { id }), list);
  const fill = () => list.replaceChildren(...(opened.get(id) || []).map(it => element('li', `${it.level}: ${it.url}`)));
  if (opened.has(id)) {
    made.open = true;
    fill();
  }
  made.addEventListener('toggle', async () => {
    if (!made.open) {
      opened.delete(id);
    } else if (!opened.has(id)) {
      const query = new URLSearchParams({ exapp: exApp.id, nextcloud: exApp.of || '' });
      const known = await ask(`routes?${query}`).catch(failure => ({ routes: [{ level: 'unknown', url: failure.message }] }));
      opened.set(id, known.routes);
      shown.delete('ExApps');
      fill();
    }
  });
  return made;
}

function progress(order) {
  const made = element('span', `${order.percent} % `);
  made.prepend(element('progress', null, { max: 100, value: order.percent, 'aria-label': order.what }), ' ');
  return made;
}

/** All that is known of a past request, where others are explained. */
function explained(id) {
  const button = element('button', id, { id: `explain-${id}`, type: 'button', 'aria-label': `Explain ${id}` });
  button.addEventListener('click', () => {
    byId('why-url').value = id;
    byId('why').requestSubmit();
    byId('why').scrollIntoView();
  });
  return button;
}

function endBan(ban) {
  const button = element('button', 'Forget', { id: `forget-${ban.list}-${ban.address}`, type: 'button', 'aria-label': `Forget the failures of ${ban.address}` });
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await ask(`bans/${encodeURIComponent(ban.address)}`, { method: 'DELETE' });
      button.replaceWith('forgotten');
    } catch (failure) {
      button.replaceWith(failure.message);
    }
  });
  return button;
}

function cell(content, column) {
  const made = element('td');
  if (content instanceof Node) {
    made.append(content);
  } else if (Array.isArray(content)) {
    made.textContent = content[0];
    made.className = content[1];
  } else {
    made.textContent = content;
  }
  if (column.startsWith('#')) {
    made.classList.add('number');
  } else if (column.startsWith('!')) {
    made.classList.add('long');
  }
  return made;
}

function heading(column) {
  const text = column.replace(/^[#!]/, '');
  return text
    ? element('th', text, { scope: 'col', ...(column.startsWith('#') ? { class: 'number' } : {}) })
    : element('td');
}

/** What people come for, in a line each that leads to the rest. */
function glance(status) {
  const all = exApps(status);
  const slowest = all.reduce((most, it) => it.recent.p99_ms > (most ? most.recent.p99_ms : 0) ? it : most, null);
  const away = all.filter(it => (ways[it.way] || [])[1] === 'bad');
  const ends = certificates(status).filter(it => it.not_after).sort((one, other) => days(one.not_after) - days(other.not_after))[0];
  const banned = status.bans.filter(it => it.banned).length;
  const lines = [
    ['Alarms', status.alarms && status.alarms.length ? `Alarms: ${status.alarms.length}` : '', 'bad'],
    ['Warnings', status.warnings && status.warnings.length ? `Warnings: ${status.warnings.length}` : '', 'odd'],
    ['ExApps', away.length ? `Not reached: ${away.map(it => it.id).join(', ')}` : '', 'bad'],
    ['ExApps', slowest ? `Slowest ExApp: ${named(slowest.id, slowest.of)}, p99 ${number(slowest.recent.p99_ms)} ms` : '', slowest && slow(slowest.recent.p99_ms)],
    ['Refused or failed last', status.refused.length ? `Last refused or failed: ${clock(Date.parse(status.refused[0].ended) / 1000, 8)}` : 'Nothing was refused', ''],
    ['Certificates', ends ? `First certificate to end: ${days(ends.not_after)} days` : '', ends && ending(ends.not_after)],
    ['Bans', `Banned: ${banned}`, banned ? 'odd' : ''],
  ].filter(([, text]) => text);
  const looks = JSON.stringify(lines);
  if (shown.get('glance') !== looks) {
    shown.set('glance', looks);
    const links = lines.map(([table, text, kind], at) => element('a', text, { href: `#${tableId(table)}`, id: `glance-${at}`, ...(kind ? { class: kind } : {}) }));
    const focused = document.activeElement.id;
    byId('glance').replaceChildren(...links);
    if (focused.startsWith('glance-') && byId(focused)) {
      byId(focused).focus({ preventScroll: true });
    }
  }
}

/** What has not changed stays as it is: the focus, too. */
const shown = new Map();

function show(status) {
  byId('version').textContent = status.version;
  say(status.ready ? 'good' : 'bad',
    `${status.ready ? 'Ready' : 'Not ready'}, since ${when(status.since)}, for ${status.nextcloud || 'none'}`);
  const whole = Boolean(status.traffic && status.traffic.now);
  byId('traffic').hidden = !whole;
  byId('examination').hidden = !whole;
  glance(status);
  const place = byId('tables');
  for (const id of passed.keys()) {
    if (!status.tunnels || !status.tunnels.sessions.some(it => id === `${it.address} ${it.since}`)) {
      passed.delete(id);
    }
  }
  for (const table of tables) {
    const rows = table.rows(status) || [];
    const looks = JSON.stringify(rows.map(row => ({ ...row, events: row.events && counted(row.events) })));
    if (shown.get(table.title) === looks) {
      continue;
    }
    shown.set(table.title, looks);
    const id = tableId(table.title);
    const made = section(id, table, rows, status);
    const before = byId(id);
    if (before) {
      replace(before, made);
    } else {
      place.append(made);
    }
  }
}

/** Whoever is in the middle of it goes on where they were. */
function replace(before, made) {
  const focused = before.contains(document.activeElement) ? document.activeElement.id : '';
  const left = (before.querySelector('.scroll') || {}).scrollLeft || 0;
  before.replaceWith(made);
  if (left) {
    (made.querySelector('.scroll') || {}).scrollLeft = left;
  }
  if (focused && byId(focused)) {
    byId(focused).focus({ preventScroll: true });
  }
}

function section(id, table, rows, status) {
  const made = element('section', null, { id, 'aria-labelledby': `${id}-title` });
  if (!rows.length && !table.always) {
    made.hidden = true;
    return made;
  }
  made.append(element('h2', rows.length ? `${table.title} (${rows.length})` : table.title, { id: `${id}-title` }));
  if (!rows.length) {
    made.append(element('p', table.always, { class: 'none' }));
    return made;
  }
  const scroll = element('div', null, { id: `${id}-scroll`, class: 'scroll', tabindex: '0', role: 'region', 'aria-label': table.title });
  const grid = element('table');
  const head = element('tr');
  head.append(...table.columns.map(heading));
  const body = element('tbody');
  for (const row of rows) {
    const line = element('tr');
    line.append(...table.cells(row, status).map((content, at) => cell(content, table.columns[at])));
    body.append(line);
  }
  const thead = element('thead');
  thead.append(head);
  grid.append(thead, body);
  scroll.append(grid);
  made.append(scroll);
  return made;
}

function remarks(name, kind) {
  return {
    title: name === 'alarms' ? 'Alarms' : 'Warnings', rows: status => (status[name] || []).map(text => ({ text })),
    columns: ['!text'], cells: it => [[it.text, kind]],
  };
}

// --- why

byId('why').addEventListener('submit', async event => {
  event.preventDefault();
  const fields = new FormData(event.target);
  const url = fields.get('url').trim();
  const isId = !url.includes('/');
  const query = isId
    ? new URLSearchParams({ id: url })
    : new URLSearchParams({ url, method: fields.get('method'), as: fields.get('as'), from: fields.get('from') });
  const place = byId('because');
  try {
    const answer = await ask(`why?${query}`);
    place.replaceChildren(...(isId ? answer.requests.flatMap(past) : supposed(answer)));
    if (isId && !answer.requests.length) {
      place.textContent = 'None of the last requests has an id that begins like this.';
    }
  } catch (failure) {
    place.replaceChildren(element('p', failure.message, { class: 'bad' }));
  }
});

function list(pairs) {
  const made = element('dl');
  for (const [name, value] of pairs) {
    if (value !== undefined && value !== '') {
      made.append(element('dt', name), element('dd', value));
    }
  }
  return made;
}

function supposed(answer) {
  const status = answer.status ? ` with ${answer.status}` : '';
  const outcome = element('p', `${answer.decision}${status}: ${answer.means}`, { class: answer.passes ? 'good' : 'bad' });
  const made = [outcome, list(answer.steps.map(step => [step.what, step.seen]))];
  if (answer.headers.length) {
    made.push(element('h3', 'Headers that the ExApp would get beside the caller’s'), element('pre', answer.headers.join('\n')));
  }
  return made;
}

function past(request) {
  return [
    element('h3', `${request.method} ${request.path}`),
    list([
      ['id', request.id], ['ended', request.ended], ['from', request.client], ['as', request.as],
      ['ExApp', request.app], ['decision', request.decision], ['reason', request.reason], ['means', request.means],
      ['counted', request.counted ? 'against its sender' : ''], ['upstream', request.upstream],
      ['problem', request.problem], ['answer', `${request.status || 'none'} after ${request.milliseconds} ms`],
    ]),
  ];
}

// --- doctor

const kinds = { ok: 'good', note: '', warning: 'odd', failure: 'bad' };

byId('doctor').addEventListener('submit', async event => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  const place = byId('findings');
  const url = byId('public-url').value.trim();
  button.disabled = true;
  place.textContent = 'Looking; this takes some seconds.';
  try {
    const examination = await ask(`doctor${url ? `?${new URLSearchParams({ public_url: url })}` : ''}`);
    place.replaceChildren(...examination.findings.map(finding));
  } catch (failure) {
    place.replaceChildren(element('p', failure.message, { class: 'bad' }));
  }
  button.disabled = false;
});

function finding(found) {
  const made = element('div', null, { class: `finding ${kinds[found.severity] || ''}` });
  made.append(element('p', `${found.severity}: ${found.check}: ${found.seen}`));
  if (found.meaning) {
    made.append(element('p', found.meaning));
  }
  if (found.remedy) {
    const copy = element('button', 'Copy', { type: 'button', 'aria-label': `Copy what to change about ${found.check}` });
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(found.remedy);
        copy.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(text);
        copy.textContent = 'Selected';
      }
    });
    const text = element('pre', found.remedy);
    made.append(text, copy);
  }
  return made;
}

ask('session').then(session => {
  token = session.token;
  showInside();
}).catch(showDoor);
