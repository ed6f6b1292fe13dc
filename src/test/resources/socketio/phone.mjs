// The unmodified socket.io-client, told by lines of JSON on its input what to do, telling on its output what it hears.
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

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

for await (const line of createInterface({ input: process.stdin })) {
  const { who, to, url, options, event, args = [], ack } = JSON.parse(line);
  if (to === 'connect') {
    connect(who, url, options);
  } else if (to === 'emit') {
    sockets.get(who).emit(event, ...args, ...(ack ? [(...answer) => tell(who, 'answer', { args: answer })] : []));
  } else {
    sockets.get(who).disconnect();
  }
}
process.exit();
