'use strict';

const at = id => document.getElementById(id);

function showSession(me) {
  const nextcloud = `${location.protocol}//${location.hostname}:${me.nextcloudPort}`;
  at('login-alice').href = `${nextcloud}/login/alice`;
  at('login-admin').href = `${nextcloud}/login/admin`;
  at('logout').href = `${nextcloud}/logout`;

  const known = me.user !== '';
  at('who').textContent = known ? `You are ${me.user}` : 'You are anonymous';
  at('hint').hidden = known;
  at('logout').hidden = !known;
  at('login-alice').hidden = me.user === 'alice';
  at('login-admin').hidden = me.user === 'admin';
  document.querySelectorAll('main button').forEach(button => { button.disabled = !known; });
  return known;
}

function startClock() {
  const events = new EventSource('api/clock');
  events.addEventListener('tick', event => { at('clock').textContent = event.data; });
}

function say(from, text) {
  const line = document.createElement('li');
  if (from === '') {
    line.className = 'note';
    line.textContent = text;
  } else {
    const name = document.createElement('strong');
    name.textContent = `${from}: `;
    line.append(name, text);
  }
  at('messages').append(line);
  at('messages').scrollTop = at('messages').scrollHeight;
}

function startChat() {
  const socket = new WebSocket(new URL('api/chat', location.href.replace(/^http/, 'ws')));
  socket.onmessage = event => {
    const message = JSON.parse(event.data);
    say(message.from, message.text);
  };
  socket.onclose = () => say('', 'The chat has ended; reload to join again.');
  at('chat').onsubmit = event => {
    event.preventDefault();
    if (at('message').value !== '') {
      socket.send(at('message').value);
      at('message').value = '';
    }
  };
}

async function echo(event) {
  event.preventDefault();
  const answer = await fetch('api/echo?from=page', { method: 'POST', body: at('echo-text').value });
  at('echoed').textContent = answer.ok
    ? JSON.stringify(await answer.json(), null, 2)
    : `${answer.status} ${await answer.text()}`;
}

async function upload(event) {
  event.preventDefault();
  const file = at('file').files[0];
  if (!file) {
    at('uploaded').textContent = 'Choose a file first.';
    return;
  }
  at('uploaded').textContent = 'Uploading…';
  const answer = await fetch('api/upload', { method: 'PUT', body: file });
  const result = await answer.json();
  at('uploaded').textContent = `${result.bytes} bytes, SHA-256 ${result.sha256}`;
}

async function start() {
  const answer = await fetch('api/me');
  if (showSession(await answer.json())) {
    startClock();
    startChat();
  }
  at('echo').onsubmit = echo;
  at('upload').onsubmit = upload;
}

start();
