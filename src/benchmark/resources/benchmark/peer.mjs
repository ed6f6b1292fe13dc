// What Draugar is measured against: Express and Socket.IO on one port, a room for each family. It passes positions on
// and does nothing else: nobody is asked who they are, and nothing is checked or kept.
import { createServer } from 'node:http';
import express from 'express';
import { Server } from 'socket.io';

const app = express();
const server = createServer(app);
const io = new Server(server);

app.get('/api/health', (request, response) => response.json({ status: 'ok' }));

io.on('connection', (socket) => {
  const family = `family-${socket.handshake.query.family}`;
  socket.join(family);
  socket.on('location:update', (position) => {
    socket.to(family).emit('location:broadcast', { userId: socket.id, ...position });
  });
});

server.listen(Number(process.argv[2]), '127.0.0.1');
