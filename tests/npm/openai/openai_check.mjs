// Holds bin/openai-sim against OpenAI's own client packages: what they understand of a session, an
// audio turn, a transcript, a function call and an interruption is what the simulator meant.
//   npm ci && node openai_check.mjs PATH/TO/openai-sim
// Exit code 0 and a last line "openai_check: N checks passed", or 1 and what was wrong.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';

const here = dirname(fileURLToPath(import.meta.url));
const speech = join(here, '../../data/speech');
const simulator = process.argv[2];
if (!simulator) {
  console.error('usage: node openai_check.mjs PATH/TO/openai-sim');
  process.exit(1);
}
const parsing = await import(
  join(here, 'node_modules/@openai/agents-realtime/dist/openaiRealtimeEvents.mjs'));
const folder = mkdtempSync(join(tmpdir(), 'openai-check-'));
const key = 'sk-test-1234567890';
let passed = 0;

function check(what, holds) {
  if (!holds) throw new Error(`not so: ${what}`);
  ++passed;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, holds, ms = 15000) {
  for (const end = Date.now() + ms; Date.now() < end; await pause(10)) if (holds()) return;
  throw new Error(`never came: ${what}`);
}

async function start(name, extra) {
  const portFile = join(folder, `${name}.port`);
  const child = spawn(simulator, ['--port', '0', '--port-file', portFile, '--script',
    join(speech, 'conversation.json'), '--api-key', key, '--speed', '20', '--think-ms', '50',
    '--transcript-delay-ms', '100', '--log', join(folder, `${name}.log`), ...extra],
  { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let i = 0; i < 500; ++i, await pause(10)) {
    try {
      return { child, port: readFileSync(portFile, 'utf8').trim() };
    } catch { /* not yet there */ }
  }
  throw new Error('openai-sim did not start');
}

const stop = ({ child }) => new Promise((done) => { child.once('exit', done); child.kill('SIGTERM'); });

// The samples of a WAV as made by tests/data/speech/make.sh, at 8 kHz, then silence.
function callerAudio(name) {
  const wav = readFileSync(join(speech, name));
  const data = wav.subarray(wav.indexOf('data') + 8);
  return Buffer.concat([data, Buffer.alloc(16000)]);
}

// The client's default format is 24 kHz PCM: every sample three times.
function to24k(pcm) {
  const out = Buffer.alloc(pcm.length * 3);
  for (let i = 0; i < pcm.length; i += 2)
    for (let k = 0; k < 3; ++k) pcm.copy(out, i * 3 + 2 * k, i, i + 2);
  return out;
}

async function checkOpenaiPackage() {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
    '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'),
    '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  const sim = await start('tls',
    ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem')]);
  const client = new OpenAI({ apiKey: key, baseURL: `https://localhost:${sim.port}/v1` });
  const socket = new OpenAIRealtimeWS({ model: 'gpt-realtime-2.1',
    options: { ca: readFileSync(join(folder, 'cert.pem')) } }, client);
  const events = [];
  const errors = [];
  socket.on('event', (event) => events.push(event));
  socket.on('error', (error) => errors.push(error));
  const of = (type) => events.filter((event) => event.type === type);
  await until('session.created', () => of('session.created').length);
  socket.send({ type: 'session.update', event_id: 'su1', session: { type: 'realtime',
    include: ['item.input_audio_transcription.logprobs'],
    audio: { input: { transcription: { model: 'gpt-4o-mini-transcribe' },
      turn_detection: { type: 'server_vad', silence_duration_ms: 500 } } } } });
  await until('session.updated', () => of('session.updated').length);
  const vad = of('session.updated')[0].session.audio.input.turn_detection;
  check('an update merges into the session', vad.silence_duration_ms === 500
    && vad.prefix_padding_ms === 300 && of('session.updated')[0].session.model === 'gpt-realtime-2.1');

  const pcm = to24k(callerAudio('caller_1.wav'));
  for (let i = 0; i < pcm.length; i += 9600)
    socket.send({ type: 'input_audio_buffer.append', audio: pcm.subarray(i, i + 9600).toString('base64') });
  await until('response.done', () => of('response.done').length);
  await until('transcription', () => of('conversation.item.input_audio_transcription.completed').length);
  const heard = of('conversation.item.input_audio_transcription.completed')[0];
  check('the turn has one item id throughout', new Set([
    of('input_audio_buffer.speech_started')[0], of('input_audio_buffer.speech_stopped')[0],
    of('input_audio_buffer.committed')[0], heard].map((event) => event.item_id)).size === 1);
  check('the transcript is the script\'s', heard.transcript === 'Hi, what are your opening hours today?');
  check('transcription has logprobs', heard.logprobs.length > 0);
  const words = of('response.output_audio_transcript.delta').map((event) => event.delta).join('');
  check('transcript deltas make up the transcript',
    words === 'We are open from noon until ten in the evening.'
    && words === of('response.output_audio_transcript.done')[0].transcript);
  const bytes = of('response.output_audio.delta').reduce(
    (sum, event) => sum + Buffer.from(event.delta, 'base64').length, 0);
  check('the audio is as long as the WAV', bytes === 3 * callerLength('agent_1.wav'));
  check('usage adds up', of('response.done')[0].response.usage.total_tokens
    === of('response.done')[0].response.usage.input_tokens
      + of('response.done')[0].response.usage.output_tokens);

  socket.send({ type: 'response.cancel', event_id: 'late' });
  await until('an error', () => errors.length);
  check('an error names its cause', errors[0].error?.code === 'response_cancel_not_active'
    && errors[0].error?.event_id === 'late');
  socket.send({ type: 'response.create', response: { conversation: 'none', output_modalities: ['text'],
    metadata: { kind: 'summary' }, instructions: 'Summarise.' } });
  await until('out-of-band text', () => of('response.output_text.done').length);
  await until('its end', () => of('response.done').length === 2);
  check('metadata is echoed', of('response.done')[1].response.metadata.kind === 'summary'
    && of('response.done')[1].response.conversation_id === null);
  for (const event of events)
    check(`agents-realtime reads ${event.type}`, checkShape(event));
  socket.close();
  await stop(sim);
}

const callerLength = (name) => callerAudio(name).length - 16000;

// Types for which the agents package has no schema are typed by the openai package only.
const unknownToAgents = new Set(['response.output_text.delta', 'response.output_text.done']);
function checkShape(event) {
  const read = parsing.parseRealtimeEvent({ data: JSON.stringify(event) });
  return read.data !== null && (!read.isGeneric || unknownToAgents.has(event.type));
}

async function checkAgentsPackage() {
  const sim = await start('plain', []);
  const booked = [];
  const agent = new RealtimeAgent({ name: 'host', instructions: 'Answer the phone.', tools: [tool({
    name: 'book_table', description: 'Books a table.',
    parameters: z.object({ guests: z.number(), time: z.string() }),
    execute: async (order) => { booked.push(order); return 'booked'; } })] });
  const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime-2.1',
    config: { audio: { input: { format: { type: 'audio/pcmu' },
      turnDetection: { type: 'server_vad', silenceDurationMs: 500 } },
    output: { format: { type: 'audio/pcmu' } } } } });
  const errors = [];
  let audioBytes = 0;
  session.on('error', (error) => errors.push(error));
  session.on('audio', (event) => { audioBytes += event.data.byteLength; });
  await session.connect({ apiKey: key, url: `ws://127.0.0.1:${sim.port}/v1/realtime?model=gpt-realtime-2.1` });
  const said = (role, part) => session.history.some((item) => item.role === role
    && item.content.some((content) => (content.transcript ?? content.text ?? '').includes(part)));

  session.transport.requestResponse?.() ?? session.transport.sendEvent({ type: 'response.create' });
  await until('the greeting', () => said('assistant', 'How can I help you today?'));
  await until('its audio', () => audioBytes === callerLength('agent_greeting.wav') / 2);
  check('the greeting is heard whole as mu-law', true);

  const turn = (name) => {
    const pcm = callerAudio(name);
    const ulaw = Buffer.from(Array.from({ length: pcm.length / 2 }, (_, i) => toUlaw(pcm.readInt16LE(2 * i))));
    for (let i = 0; i < ulaw.length; i += 800) session.sendAudio(new Uint8Array(ulaw.subarray(i, i + 800)).buffer);
  };
  turn('caller_1.wav');
  await until('the first answer', () => said('assistant', 'ten in the evening'));
  await until('what the caller said', () => said('user', 'opening hours'));
  turn('caller_2.wav');
  await until('the tool call', () => booked.length === 1);
  check('the arguments are the script\'s', booked[0].guests === 2 && booked[0].time === '19:00');
  await until('the answer after the tool', () => said('assistant', 'is booked for you'));
  const calls = session.history.filter((item) => item.type === 'function_call');
  check('the history holds one finished call', calls.length === 1 && calls[0].output === 'booked');
  check(`no errors: ${JSON.stringify(errors)}`, errors.length === 0);
  session.close();
  await stop(sim);
}

// ITU-T G.711 mu-law by its formula.
function toUlaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 15) & 0xff;
}

try {
  await checkOpenaiPackage();
  await checkAgentsPackage();
  console.log(`openai_check: ${passed} checks passed`);
  rmSync(folder, { recursive: true });
  process.exit(0);
} catch (problem) {
  console.error(`openai_check: ${problem.stack}\nlogs are in ${folder}`);
  process.exit(1);
}
