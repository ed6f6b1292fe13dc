// The unmodified socket.io-client, told by lines of JSON on its input what to do, telling on its output what it hears.
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';
import nacl from 'tweetnacl';

const sockets = new Map();

function tell(who, event, more) {
  process.stdout.write(`${JSON.stringify({ who, event, ...more })}\n`);
}

function connect(who, url, options) {
  const socket = io(url, { forceNew: true, ...options });
  sockets.set(who, socket);
  const transport = () => socket.io.engine.transport.name;
  socket.on('connect', () => tell(who, 'connect', { transport: transport(), recovered: socket.recovered }));
  socket.on('connect_error', (error) => tell(who, 'connect_error', { message: error.message }));
  socket.on('disconnect', (reason) => tell(who, 'disconnect', { reason }));
  socket.onAny((event, ...args) => tell(who, event, { args }));
  socket.io.on('open', () => socket.io.engine.on('upgrade', () => tell(who, 'upgrade', { transport: transport() })));
}

// Encryption as the app does it: libsodium's box and secretbox, its URL-safe base64 without padding.
const devices = new Map();
const text = (bytes) => Buffer.from(bytes).toString('base64url');
const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64url'));

const crypt = {
  keyPair(device) {
    Object.assign(device, nacl.box.keyPair());
    return text(device.publicKey);
  },
  groupKey(device) {
    device.groupKey = nacl.randomBytes(32);
    return true;
  },
  wrap(device, publicKey) {
    const nonce = nacl.randomBytes(24);
    return text(Buffer.concat([nonce, nacl.box(device.groupKey, nonce, bytes(publicKey), device.secretKey)]));
  },
  unwrap(device, wrapped, adminPublicKey) {
    const nonce = bytes(wrapped).subarray(0, 24);
    device.groupKey = nacl.box.open(bytes(wrapped).subarray(24), nonce, bytes(adminPublicKey), device.secretKey);
    return device.groupKey !== null;
  },
  encrypt(device, position) {
    const nonce = nacl.randomBytes(24);
    const box = nacl.secretbox(new TextEncoder().encode(JSON.stringify(position)), nonce, device.groupKey);
    return { v: 1, n: text(nonce), c: text(box) };
  },
  decrypt(device, { n, c }) {
    const opened = nacl.secretbox.open(bytes(c), bytes(n), device.groupKey);
    return opened && JSON.parse(new TextDecoder().decode(opened));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { who, to, url, options, event, args = [], ack } = JSON.parse(line);
  if (to === 'connect') {
    connect(who, url, options);
  } else if (to === 'emit') {
    sockets.get(who).emit(event, ...args, ...(ack ? [(...answer) => tell(who, 'answer', { args: answer })] : []));
  } else if (to === 'crypt') {
    if (!devices.has(who)) {
      devices.set(who, {});
    }
    tell(who, 'crypt', { result: crypt[event](devices.get(who), ...args) });
  } else {
    sockets.get(who).disconnect();
  }
}
process.exit();
