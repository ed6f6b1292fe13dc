/** A small client, written as an app developer would: it compiles only while the declarations are right and useful. */
import { io, type Socket } from 'socket.io-client';
import type {
  Answer,
  ApiError,
  ClientMessage,
  ClientToServerEvents,
  CloseCode,
  Events,
  Invite,
  InviteRequest,
  Joined,
  JoinRequest,
  Members,
  Position,
  Receipts,
  Report,
  ServerMessage,
  ServerToClientEvents,
  Subprotocols,
} from './draugar';

async function post<Wanted, Got>(path: string, body: Wanted, token = ''): Promise<Got> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) {
    const problem: ApiError = await answer.json();
    throw new Error(`${problem.statusCode} ${problem.message}`);
  }
  return answer.json();
}

export async function join(code: string, name: string): Promise<Joined> {
  return post<JoinRequest, Joined>('/api/auth/join', { code, name });
}

export async function invite(token: string): Promise<string> {
  const made = await post<InviteRequest, Invite>('/api/invites', { expiresInHours: 48 }, token);
  return `${made.code} until ${new Date(made.expiresAt).toLocaleString()}`;
}

export async function upload(token: string, reports: Report[]): Promise<string[]> {
  const { results } = await post<Report[], Receipts>('/api/locations', reports, token);
  return results.filter((receipt) => !receipt.stored).map((receipt) => receipt.message ?? '');
}

export function admins(members: Members): string[] {
  return members.users.filter((member) => member.role === 'admin').map((member) => member.name);
}

export class Live {
  private readonly socket: WebSocket;
  private since: number | undefined;
  readonly unacknowledged = new Map<string, ClientMessage>();

  constructor(token: string, readonly seen: (who: string, where: Position) => void) {
    const protocols: Subprotocols = ['draugar.v1', `bearer.${token}`];
    this.socket = new WebSocket('/ws', protocols);
    this.socket.onopen = () => this.say({ type: 'location:subscribe', since: this.since });
    this.socket.onmessage = (frame: MessageEvent<string>) => this.hear(JSON.parse(frame.data));
    this.socket.onclose = (end) => this.ended(end.code as CloseCode);
  }

  report(id: string, { coords, timestamp }: GeolocationPosition): void {
    const update: ClientMessage = {
      type: 'location:update',
      id,
      latitude: coords.latitude,
      longitude: coords.longitude,
      accuracy: coords.accuracy,
      altitude: coords.altitude ?? undefined,
      timestamp: new Date(timestamp).toISOString(),
    };
    this.unacknowledged.set(id, update);
    this.say(update);
  }

  private say(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  private hear(message: ServerMessage): void {
    if ('offset' in message) {
      this.since = message.offset;
    }
    switch (message.type) {
      case 'location:broadcast':
        if ('payload' in message) {
          console.log(message.senderName, message.payload.n, message.payload.c);
        } else {
          this.seen(message.name, message);
        }
        break;
      case 'user:online':
      case 'user:offline':
        console.log(message.userId, message.type);
        break;
      case 'user:paused':
        console.log(message.userId, message.until ?? 'until they end it');
        break;
      case 'user:resumed':
        console.log(message.userId);
        break;
      case 'user:stopped':
        console.log(message.userId, message.at);
        break;
      case 'alarm':
        console.log(message.name, message.alarm, message.at);
        break;
      case 'place:changed':
        console.log(message.name, message.radius);
        break;
      case 'place:removed':
        console.log(message.id);
        break;
      case 'user:place':
        console.log(message.userId, message.place?.name ?? 'nowhere', message.place?.since);
        break;
      case 'sos':
        console.log(message.userId, message.message ?? '', message.acknowledgedBy.length, message.endedAt ?? 'goes on');
        break;
      case 'locate:request':
        console.log(message.name);
        break;
      case 'tracker:update':
        console.log(message.id, message.state, message.trouble ?? 'nothing is wrong');
        break;
      case 'notification':
        console.log(message.title, message.text, message.userId ?? 'nobody', message.placeId ?? 'nowhere');
        break;
      case 'ack':
        this.unacknowledged.delete(message.id);
        break;
      case 'error':
        if (message.code === 'unavailable' && message.id !== undefined) {
          console.log('again later:', this.unacknowledged.get(message.id));
        }
        break;
      case 'pong':
        break;
      default: {
        const everythingIsHandled: never = message;
        console.log(everythingIsHandled);
      }
    }
  }

  private ended(code: CloseCode): boolean {
    switch (code) {
      case 4401:
      case 4403:
        return false;
      case 1001:
      case 1008:
      case 1009:
      case 4400:
      case 4408:
      case 4429:
        return true;
      default: {
        const everythingIsHandled: never = code;
        return everythingIsHandled;
      }
    }
  }
}

export function read<Type extends keyof Events>(type: Type, data: string, handle: (event: Events[Type]) => void): void {
  handle(JSON.parse(data));
}
read('user:online', '{"userId":"1"}', (event) => console.log(event.userId));

/** The same through Socket.IO. */
export async function watch(token: string, seen: (who: string, where: Position) => void): Promise<void> {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io('/', { auth: { token } });
  socket.on('connect', () => socket.recovered || socket.emit('location:subscribe'));
  socket.on('location:broadcast', (message) => {
    if ('payload' in message) {
      console.log(message.senderName, message.payload.n, message.payload.c);
    } else {
      seen(message.name, message);
    }
  });
  socket.on('user:online', ({ userId }) => console.log(userId));
  socket.on('error', ({ code, message }) => console.log(code, message));
  const here: Report = { latitude: 64.1466, longitude: -21.9426, timestamp: new Date().toISOString() };
  socket.emit('location:update', here);
  socket.emit('location:update', { v: 1, n: '', c: '' }, ({ ok, message }) => console.log(ok, message));
  const answer: Answer = await socket.timeout(10_000).emitWithAck('location:update', here);
  console.log(answer.code === 'unavailable');

  // @ts-expect-error: there is no such event
  socket.on('location:deleted', () => {});
  // @ts-expect-error: there is no such event either
  socket.emit('location:delete');
  // @ts-expect-error: no longitude
  socket.emit('location:update', { latitude: 1, timestamp: '' });
}

// What would not work does not compile.

// @ts-expect-error: there is no such message
export const unknown: ClientMessage = { type: 'location:delete' };
// @ts-expect-error: no longitude
export const half: ClientMessage = { type: 'location:update', latitude: 1, timestamp: '2026-11-23T08:00:00Z' };
// @ts-expect-error: whose position it is, only the server says
export const forged: ClientMessage = { type: 'location:update', latitude: 1, longitude: 1, timestamp: '', userId: '1' };
// @ts-expect-error: 1000 is not how the server ends a connection
export const normal: CloseCode = 1000;
// @ts-expect-error: the token goes into a subprotocol of its own
export const wrong: Subprotocols = ['draugar.v1', 'token'];
