// Every fault switch of bin/openai-sim, seen from the client's side by the package `ws`.
//   npm ci && node openai_faults_check.mjs PATH/TO/openai-sim
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';

const simulator = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'openai-faults-'));
const key = 'sk-right-key';
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let passed = 0;

function check(what, holds) {
  if (!holds) throw new Error(`not so: ${what}`);
  ++passed;
}

async function start(args) {
  const portFile = join(folder, `port-${passed}`);
  const report = join(folder, 'report.json');
  const child = spawn(simulator, ['--port-file', portFile, '--report', report, '--api-key', key, ...args],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let i = 0; i < 500; ++i, await pause(10)) {
    try {
      return { child, report, port: readFileSync(portFile, 'utf8').trim() };
    } catch { /* not yet there */ }
  }
  throw new Error('openai-sim did not start');
}

async function stop(sim) {
  const ended = new Promise((done) => sim.child.once('exit', done));
  sim.child.kill('SIGTERM');
  check('SIGTERM ends it with 0', await ended === 0);
  return JSON.parse(readFileSync(sim.report)).sessions;
}

// Connects, updates the session, and tells all that happened until the end or until ms have passed.
function call(sim, { query = '?model=gpt-realtime-2.1', headers = { Authorization: `Bearer ${key}` }, ms = 1500,
  after = () => {} } = {}) {
  return new Promise((done) => {
    const seen = { events: [], garbage: 0, binary: 0, status: 0, code: 0, reason: '', error: '', at: {} };
    const socket = new WebSocket(`ws://127.0.0.1:${sim.port}/v1/realtime${query}`, { headers });
    const began = Date.now();
    const end = () => { clearTimeout(timer); seen.ms = Date.now() - began; done(seen); };
    const timer = setTimeout(() => { seen.alive = true; end(); socket.terminate(); }, ms);
    socket.on('unexpected-response', (request, response) => { seen.status = response.statusCode; request.destroy(); end(); });
    socket.on('error', (error) => { seen.error = error.code ?? error.message; });
    socket.on('close', (code, reason) => { seen.code = code; seen.reason = reason.toString(); end(); });
    socket.on('message', (data, binary) => {
      if (binary) { ++seen.binary; return; }
      let event;
      try { event = JSON.parse(data); } catch { ++seen.garbage; return; }
      seen.events.push(event.type === 'error' ? event.error.code : event.type);
      seen.at[event.type] = Date.now() - began;
      if (event.type === 'session.created')
        socket.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime' } }));
      if (event.type === 'session.updated') after(socket);
    });
  });
}

async function handshakes() {
  const sim = await start([]);
  let seen = await call(sim, { headers: {} });
  check('no key is a 401', seen.status === 401);
  seen = await call(sim, { headers: { Authorization: 'Bearer sk-wrong-key' } });
  check('a wrong key is told after the upgrade', seen.events[0] === 'invalid_api_key' && seen.code === 3000
    && seen.reason === 'invalid_request_error.invalid_api_key');
  seen = await call(sim, { query: '' });
  check('no model', seen.events[0] === 'missing_model' && seen.code === 4000);
  seen = await call(sim, { query: '?model=unknown-realtime' });
  check('an unknown model', seen.code === 4004 && seen.reason === 'invalid_request_error.model_not_found');
  seen = await call(sim, { headers: { Authorization: `Bearer ${key}`, 'OpenAI-Beta': 'realtime=v1' } });
  check('the beta header', seen.events[0] === 'beta_api_shape_disabled' && seen.code === 4000);
  seen = await call(sim, { headers: { 'api-key': key }, ms: 300 });
  check('the api-key header is as good', seen.events.includes('session.updated') && seen.alive);
  seen = await call(sim, { after: (socket) => { socket.send(Buffer.from([1, 2])); socket.send('{'); socket.send('['.repeat(1 << 20));
    socket.send(JSON.stringify({ type: 'nonsense' })); }, ms: 3000 });
  check(`nonsense is not fatal: ${seen.events} ${seen.code} ${seen.error}`, seen.alive && seen.events.slice(-4).join() === 'invalid_event,invalid_json,invalid_json,invalid_value');
  const sessions = await stop(sim);
  check('the report has them all', sessions.length === 7 && sessions[1].close.code === 3000);
}

async function faults() {
  const sim = await start(['--drop-after', '1:0.3', '--close-after', '2:0.2:1011', '--refuse', '3', '--http-status', '4:503',
    '--garbage', '5:0.1', '--stall', '6:0.1', '--slow', '7:400', '--silent', '8', '--quota', '9']);
  let seen = await call(sim);
  check('dropped without a close', seen.code === 1006 && seen.ms >= 280 && seen.events.includes('session.updated'));
  seen = await call(sim);
  check('closed with the code', seen.code === 1011);
  seen = await call(sim);
  check('refused', seen.error !== '' && seen.events.length === 0);
  seen = await call(sim);
  check('the HTTP status', seen.status === 503);
  seen = await call(sim, { ms: 600 });
  check('garbage of both kinds', seen.garbage === 1 && seen.binary === 1);
  seen = await call(sim, { ms: 900, after: (socket) => setTimeout(() => socket.send(JSON.stringify({ type: 'response.create' })), 300) });
  check('a stalled session answers nothing', seen.alive && !seen.events.includes('response.created'));
  seen = await call(sim, { ms: 1500 });
  check('every event is late', seen.at['session.created'] >= 400 && seen.at['session.updated'] >= 800);
  seen = await call(sim, { ms: 500 });
  check('a silent one never upgrades', seen.alive && seen.events.length === 0);
  seen = await call(sim);
  check('no quota', seen.events.includes('insufficient_quota') && !seen.alive);
  seen = await call(sim, { ms: 400 });
  check('the tenth is well', seen.alive && seen.events.includes('session.updated'));
  const sessions = await stop(sim);
  check('the report says who ended it', sessions.find((one) => one.session === 1).close.by === 'simulator');
}

async function expiry() {
  const sim = await start(['--expiry-s', '0.5']);
  const seen = await call(sim);
  check('a session expires', seen.events.includes('session_expired') && seen.code === 1001);
  await stop(sim);
}

try {
  await handshakes();
  await faults();
  await expiry();
  console.log(`openai_faults_check: ${passed} checks passed`);
  rmSync(folder, { recursive: true });
  process.exit(0);
} catch (problem) {
  console.error(`openai_faults_check: ${problem.stack}\nfiles are in ${folder}`);
  process.exit(1);
}
