// Holds bin/twilio-sim against Twilio's own Node library:
//   npm ci && node twilio_check.mjs <path to twilio-sim>
// Signatures must be equal byte for byte, and a call whose TwiML the library wrote must be obeyed:
// its webhooks, its stream's upgrade and its callbacks must pass the library's own validator.
import { execFile, execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import http from 'node:http';
import twilio from 'twilio';

const simulator = process.argv[2];
if (!simulator) {
  console.error('usage: node twilio_check.mjs <path to twilio-sim>');
  process.exit(2);
}
const token = '0123456789abcdef0123456789abcdef';
const account = 'AC00000000000000000000000000000001';
let failures = 0;

function check(what, ok, more = '') {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : ' ' + more}`);
  failures += ok ? 0 : 1;
}

function signedBySimulator(url, params) {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [].concat(value).map((one) => `${name}=${one}`));
  const args = ['--auth-token', token, 'sign', url, ...pairs];
  return execFileSync(simulator, args, { encoding: 'utf8' }).trim();
}

const signatures = [
  ['https://example.com/myapp.php?foo=1&bar=2',
    { CallSid: 'CA1234567890ABCDE', Caller: '+14158675310', Digits: '1234' }],
  ['https://bridge.example.com/twilio/voice?tenant=a%20b&x=1',
    { CallerName: "ANNE O'NEIL & SON", FromCity: 'SAN JOSÉ', FromZip: '', To: '+15550100002' }],
  ['wss://bridge.example.com/media', {}],
  ['http://127.0.0.1:3000/twilio/incoming-call', { a: 'lower', B: 'upper', _: 'x=y' }],
  ['https://bridge.example.com/cb', { Digits: ['9', '1', '1', '9'], a: 'lower', B: 'upper' }],
];
for (const [url, params] of signatures) {
  const theirs = twilio.getExpectedTwilioSignature(token, url, params);
  const ours = signedBySimulator(url, params);
  check(`signature of ${url}`, ours === theirs, `${ours} is not ${theirs}`);
}

// -- a call whose server is made of Twilio's library ----------------------------------------------

function voiceResponse(base) {
  const response = new twilio.twiml.VoiceResponse();
  response.say('Hello & <welcome>');
  response.pause({ length: 0.1 });
  response.play({ digits: '1w2' });
  const connect = response.connect({ action: `${base}/after?x=1&y=2` });
  const stream = connect.stream({
    url: `${base.replace('http', 'ws')}/streams`, name: 'main', statusCallback: `${base}/stream`,
  });
  stream.parameter({ name: 'ticket', value: '"quoted" & <bracketed>' });
  return response.toString();
}

function restResponse(base) {
  const response = new twilio.twiml.VoiceResponse();
  const url = `${base.replace('http', 'ws')}/streams`;
  response.connect().stream({ url }).parameter({ name: 'url', value: url });
  return response.toString();
}

function afterResponse() {
  const response = new twilio.twiml.VoiceResponse();
  response.dial({}, '+15550100003');
  response.hangup();
  return response.toString();
}

/** The text messages of masked, unfragmented client frames: enough for what a carrier sends. */
function* clientMessages(state, chunk) {
  state.rest = Buffer.concat([state.rest, chunk]);
  for (;;) {
    if (state.rest.length < 6) return;
    let size = state.rest[1] & 127;
    let at = 2;
    if (size === 126) { size = state.rest.readUInt16BE(2); at = 4; }
    if (state.rest.length < at + 4 + size) return;
    const mask = state.rest.subarray(at, at + 4);
    const data = Buffer.from(state.rest.subarray(at + 4, at + 4 + size).map((b, i) => b ^ mask[i % 4]));
    const opcode = state.rest[0] & 15;
    state.rest = state.rest.subarray(at + 4 + size);
    if (opcode === 1) yield JSON.parse(data.toString());
    if (opcode === 8) yield { event: 'close' };
  }
}

const seen = [];
let started = null;
const closeFrame = Buffer.from([0x88, 2, 0x03, 0xe8]); // close 1000
let onTenFrames = (_, socket) => socket.write(closeFrame);
const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (data) => { body += data; });
  request.on('end', () => {
    const base = `http://127.0.0.1:${server.address().port}`;
    const params = Object.fromEntries(new URLSearchParams(body));
    const signature = request.headers['x-twilio-signature'];
    check(`${request.url} passes the validator`,
      twilio.validateRequest(token, signature, base + request.url, params));
    seen.push([request.url, params.CallStatus ?? params.StreamEvent]);
    response.setHeader('Content-Type', 'text/xml');
    const texts = {
      '/voice': voiceResponse(base), '/rest': restResponse(base), '/after?x=1&y=2': afterResponse(),
    };
    response.end(texts[request.url] ?? '<Response/>');
  });
});

server.on('upgrade', (request, socket) => {
  const base = `ws://127.0.0.1:${server.address().port}`;
  const signature = request.headers['x-twilio-signature'];
  check('the upgrade passes the validator',
    twilio.validateRequest(token, signature, base + request.url, {}));
  const accept = crypto.createHash('sha1')
    .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
    .digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const state = { rest: Buffer.alloc(0) };
  let frames = 0;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    for (const message of clientMessages(state, chunk)) {
      if (message.event === 'close') socket.end(closeFrame);
      if (message.event === 'start') started = message;
      if (message.event === 'media' && ++frames === 10 && onTenFrames(message, socket)) return;
    }
  });
});

// -- the REST API, asked by Twilio's client -------------------------------------------------------

/** A client of Twilio's library that is led to the simulator. */
function clientFor(restBase, password) {
  const real = new twilio.RequestClient();
  const httpClient = { request: (options) => real.request({
    ...options, uri: options.uri.replace('https://api.twilio.com', restBase) }) };
  return twilio(account, password, { httpClient });
}

async function codeOf(promise) {
  try { await promise; return 0; } catch (error) { return error.code; }
}

async function checkRest(restBase) {
  const client = clientFor(restBase, token);
  const sid = await new Promise((resolve) => {
    onTenFrames = () => { resolve(started.start.callSid); return false; };
  });
  check('REST: the call is in progress', (await client.calls(sid).fetch()).status === 'in-progress');
  check('REST: 20003', await codeOf(clientFor(restBase, 'wrong').calls(sid).fetch()) === 20003);
  check('REST: 20404', await codeOf(client.calls(`${sid.slice(0, -1)}x`).fetch()) === 20404);
  check('REST: 32018',
    await codeOf(client.calls(sid).update({ twiml: 'x'.repeat(4001) })) === 32018);
  const redirected = new Promise((resolve) => {
    onTenFrames = () => { resolve(); return false; };
  });
  const again = new twilio.twiml.VoiceResponse();
  again.connect().stream({ url: started.start.customParameters.url });
  const before = started.streamSid;
  await client.calls(sid).update({ twiml: again.toString() });
  await redirected;
  check('REST: new TwiML starts a new stream of the same call',
    started.streamSid !== before && started.start.callSid === sid);
  await client.calls(sid).update({ status: 'completed' });
  check('REST: 21220', await codeOf(client.calls(sid).update({ status: 'completed' })) === 21220);
}

function restCall(base) {
  return new Promise((resolve) => {
    const child = spawn(simulator, ['--url', `${base}/rest`, '--account-sid', account,
      '--auth-token', token, '--rest-port', '0', '--linger', '2', '--max-duration', '20']);
    let output = '';
    let asked = null;
    child.stdout.on('data', (data) => {
      output += data;
      const line = /^rest (\S+)$/m.exec(output);
      if (line && !asked) {
        asked = checkRest(line[1]).catch((error) => check('REST', false, String(error)));
      }
    });
    child.stderr.on('data', (data) => { output += data; });
    child.on('exit', async (code) => {
      await asked;
      check('REST: the call ends by it', code === 0 && /ended by rest/.test(output), output);
      resolve();
    });
  });
}

function directCall(base) {
  const args = ['--url', `${base}/voice`, '--account-sid', account, '--auth-token', token,
    '--status-callback', `${base}/status`, '--quiet'];
  return new Promise((resolve) => {
    execFile(simulator, args, { timeout: 30000 }, (error, stdout, stderr) => {
      check('the call goes as planned', !error, `${error} ${stdout} ${stderr}`);
      check('parameters arrive decoded',
        started?.start.customParameters.ticket === '"quoted" & <bracketed>',
        JSON.stringify(started));
      const urls = seen.map((x) => x.join(' '));
      for (const wanted of ['/voice ringing', '/after?x=1&y=2 in-progress', '/status in-progress',
        '/status completed', '/stream stream-started', '/stream stream-stopped']) {
        check(`requested ${wanted}`, urls.includes(wanted), urls.join(', '));
      }
      resolve();
    });
  });
}

server.listen(0, '127.0.0.1', async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  await directCall(base);
  await restCall(base);
  server.close();
  server.closeAllConnections();
  console.log(failures === 0 ? 'all checks passed' : `${failures} checks FAILED`);
  process.exitCode = failures === 0 ? 0 : 1;
});
