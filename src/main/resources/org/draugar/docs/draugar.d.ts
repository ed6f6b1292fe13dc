/**
 * Draugar's messages and HTTP bodies, as your server speaks them. Types only: there is nothing to run.
 *
 *     import type { ClientMessage, ServerMessage } from './draugar';
 *
 * What each means, with limits and examples, is in /api/docs/asyncapi.json and /api/docs/openapi.json. Newer servers may
 * send members and types that are not here: pass over them.
 */

// Positions

/** Where a device is. */
export interface Position {
  /** Degrees, WGS 84, -90 to 90. */
  latitude: number;
  /** Degrees, WGS 84, -180 to 180. */
  longitude: number;
  /** When it was measured, ISO 8601 with a zone: `new Date().toISOString()`. */
  timestamp: string;
  /** Radius in metres. */
  accuracy?: number;
  /** Metres above the WGS 84 ellipsoid. */
  altitude?: number;
  /** Metres per second. */
  speed?: number;
  /** Degrees clockwise from true north, 0 to 360. */
  bearing?: number;
  /** 0, empty, to 1, full. */
  battery?: number;
  charging?: boolean;
  /** What the device believes its owner does, such as `walking`; at most 32 characters. */
  activity?: string;
  /** What its owner raises the alarm about, such as `sos`; at most 32 characters. */
  alarm?: string;
}

/** A position that only the family's devices can read: libsodium's secretbox, base64url without padding. */
export interface EncryptedPayload {
  /** 1: a position in Draugar's JSON, by the family's key; 2: a message of OwnTracks, by the secret set in the apps. */
  v: 1 | 2;
  /** Nonce, 24 bytes. */
  n: string;
  /** Ciphertext. */
  c: string;
}

/** A position as a device reports it. */
export interface PositionReport extends Position {
  type?: 'location:update';
  /** Your own id for it, at most 64 characters: the same again is neither stored nor told twice. */
  id?: string;
}

/** An encrypted position as a device reports it. */
export interface EncryptedReport extends EncryptedPayload {
  /** ISO 8601, in the clear: when it was measured. Without it, some are passed over after a pause. */
  timestamp?: string;
  type?: 'location:update';
  /** Your own id for it, at most 64 characters: the same again is neither stored nor told twice. */
  id?: string;
}

// The WebSocket, /ws: what you may say

/** Where this device is. With an `id` you hear `ack` once it is safely stored. */
export interface LocationUpdate extends PositionReport {
  type: 'location:update';
}

/** Where this device is, for the family's devices alone. */
export interface EncryptedUpdate extends EncryptedReport {
  type: 'location:update';
}

/** Start the stream: the last known positions first, then what comes. */
export interface LocationSubscribe {
  type: 'location:subscribe';
  /** The last offset that you have: you get what you missed since, or an error with the code `gap`. */
  since?: number;
}

/** End the stream; you stay connected. */
export interface LocationUnsubscribe {
  type: 'location:unsubscribe';
}

/** Are you there? The answer is `pong`. */
export interface Ping {
  type: 'ping';
}

/** Everything that you may say, in JSON, at most 4096 bytes. */
export type ClientMessage = LocationUpdate | EncryptedUpdate | LocationSubscribe | LocationUnsubscribe | Ping;

// The WebSocket: what you may hear

/** A member and where they are. */
export interface MemberPosition extends Position {
  userId: string;
  name: string;
}

/** A member and where they are, for the family's devices alone. */
export interface EncryptedPosition {
  senderId: string;
  senderName: string;
  payload: EncryptedPayload;
}

/** Whose presence changed. */
export interface Presence {
  userId: string;
}

/** Who shares nothing. */
export interface Paused extends Presence {
  /** ISO 8601: when it ends by itself, if it does. */
  until?: string;
}

/** What went wrong. */
export interface Trouble {
  /**
   * For programs. `bad-message`: it is not as described, sending it again will not help. `gap`: some events are no
   * longer known, the latest state follows. `paused`: you are, or were when it was measured; sending it again will not
   * help. `unavailable`: the store does not answer, try again later.
   */
  code: 'bad-message' | 'gap' | 'paused' | 'unavailable';
  /** For people. */
  message: string;
  /** Your id of the report that it is about. */
  id?: string;
}

/** How a tracker of one's own does. */
export interface TrackerState {
  /** The device's id. */
  id: string;
  /** Waits for its first position, is well, has sent what could not be understood, or has been silent for too long. */
  state: 'waiting' | 'fine' | 'trouble' | 'silent';
  /** What was wrong, for people. */
  trouble?: string;
}

/** A member's position. Told apart from the encrypted one by `'payload' in message`. */
export interface LocationBroadcast extends MemberPosition {
  type: 'location:broadcast';
  /** Its place in the family's stream: it only grows. Keep the last one for `since`. */
  offset: number;
}

/** A member's position that only the family's devices can read. */
export interface EncryptedBroadcast extends EncryptedPosition {
  type: 'location:broadcast';
  /** Its place in the family's stream: it only grows. Keep the last one for `since`. */
  offset: number;
}

/** A member's first device is connected. Who is online already comes first, right after connecting. */
export interface UserOnline extends Presence {
  type: 'user:online';
}

/** A member's last device has gone. */
export interface UserOffline extends Presence {
  type: 'user:offline';
}

/**
 * A member shares nothing for a time, or for another time than before; their last position is from before. Who is paused
 * already comes first, right after connecting; it may be you.
 */
export interface UserPaused extends Paused {
  type: 'user:paused';
}

/** A member shares again. */
export interface UserResumed extends Presence {
  type: 'user:resumed';
}

/** A tracker of your own does otherwise than before; the whole is at `GET /api/trackers`. */
export interface TrackerUpdate extends TrackerState {
  type: 'tracker:update';
}

/** The report with this id is safely stored. */
export interface Ack {
  type: 'ack';
  id: string;
}

/** The answer to `ping`. */
export interface Pong {
  type: 'pong';
}

/** Something went wrong. */
export interface ErrorMessage extends Trouble {
  type: 'error';
}

/** Everything that you may hear, in JSON. */
export type ServerMessage =
  | LocationBroadcast
  | EncryptedBroadcast
  | UserOnline
  | UserOffline
  | UserPaused
  | UserResumed
  | TrackerUpdate
  | Ack
  | Pong
  | ErrorMessage;

/** For browsers: `new WebSocket(url, ['draugar.v1', 'bearer.' + token])`. Apps send an Authorization header instead. */
export type Subprotocols = ['draugar.v1', `bearer.${string}`];

/** How the server ends a connection; other codes come from the network or from your side. */
export type CloseCode =
  /** The server stops, or heard nothing from you: connect again. */
  | 1001
  /** Not allowed. */
  | 1008
  /** A message was larger than 4096 bytes. */
  | 1009
  /** Too many bad messages in a row, or a binary one. */
  | 4400
  /** This device was signed out: join again. */
  | 4401
  /** No longer a member of the family. */
  | 4403
  /** Read too slowly: connect again. */
  | 4408;

// Server-sent events, /api/events

/** The `data` of each `event`, in JSON; the `id` of a position is its offset. */
export interface Events {
  'location:broadcast': MemberPosition | EncryptedPosition;
  'user:online': Presence;
  'user:offline': Presence;
  'user:paused': Paused;
  'user:resumed': Presence;
  'tracker:update': TrackerState;
  error: Trouble;
}

// Socket.IO, /socket.io/: `const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, { auth: { token } })`

/** What became of an event, where an acknowledgement was asked for. */
export interface Answer {
  ok: boolean;
  /** Your id of the report that it is about. */
  id?: string;
  /** As in `Trouble`, when it is not ok. */
  code?: 'bad-message' | 'gap' | 'paused' | 'unavailable';
  /** For people: what was wrong and what would be right. */
  message?: string;
}

/** What you may emit. `location:update` is answered once the position is safely stored. */
export interface ClientToServerEvents {
  'location:update': (report: PositionReport | EncryptedReport, done?: (answer: Answer) => void) => void;
  'location:subscribe': (done?: (answer: Answer) => void) => void;
  'location:unsubscribe': (done?: (answer: Answer) => void) => void;
}

/** What you may hear. The offset is for `socket.recovered`, which needs nothing of you. */
export interface ServerToClientEvents {
  'location:broadcast': (position: MemberPosition | EncryptedPosition, offset: string) => void;
  'user:online': (presence: Presence) => void;
  'user:offline': (presence: Presence) => void;
  'user:paused': (paused: Paused) => void;
  'user:resumed': (presence: Presence) => void;
  'tracker:update': (tracker: TrackerState) => void;
  error: (trouble: Trouble) => void;
}

// HTTP

/** Every answer from 400 on. */
export interface ApiError {
  error: true;
  /** For people: what is wrong and what would be right. */
  message: string;
  statusCode: number;
}

/** `POST /api/auth/join`, answered with `Joined`. */
export interface JoinRequest {
  /** As typed: case, blanks and hyphens are forgiven. */
  code: string;
  /** Yours, as the family sees it; at most 64 characters. */
  name: string;
}

/** `POST /api/families`, answered with `Joined`. */
export interface SignUpRequest {
  /** The family's name, at most 64 characters. */
  family: string;
  /** Yours, as the family sees it; at most 64 characters. */
  name: string;
}

/** You are in. */
export interface Joined {
  /** This device's, shown only here: keep it safe. */
  token: string;
  user: User;
}

/** `GET /api/auth/me`. */
export interface User {
  id: string;
  name: string;
}

/** `POST /api/invites`, answered with `Invite`. */
export interface InviteRequest {
  /** 1 to 720; 168, a week, when left out. */
  expiresInHours?: number;
}

/** A code that one person can join with. */
export interface Invite {
  /** To withdraw it. */
  id: string;
  code: string;
  /** Opens the page and joins; where the server's owner has said where it is (`DRAUGAR_URL`). */
  link?: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** `GET /api/invites`. */
export interface OpenInvites {
  invites: OpenInvite[];
}

/** An invitation that somebody may still join with. */
export interface OpenInvite {
  id: string;
  /** The admin who made it. */
  userId: string;
  /** ISO 8601. */
  createdAt?: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** `POST /api/qr-codes`, answered with `QrCode`. */
export interface QrCodeRequest {
  /** An invite link; at most 1024 characters. */
  text: string;
}

/** A QR code. */
export interface QrCode {
  /** Modules a side. */
  size: number;
  /** The dark modules, as the `d` of a path in an SVG whose viewBox is `0 0 size size`. */
  path: string;
}

/** `POST /api/invites/validate`, answered with `Validity`. */
export interface CodeRequest {
  /** As typed: case, blanks and hyphens are forgiven. */
  code: string;
}

/** Whether a code would work right now. */
export interface Validity {
  valid: boolean;
  /** The code as it is written, when it is valid. */
  code?: string;
}

/** `GET /api/users`. */
export interface Members {
  users: Member[];
}

/** A member of the family. */
export interface Member {
  /** The `userId` of the live events. */
  id: string;
  name: string;
  role: 'admin' | 'member';
  /** ISO 8601. */
  joinedAt: string;
  /** Whether they share nothing right now. */
  paused: boolean;
  /** ISO 8601: when that ends by itself, if it does. */
  pausedUntil?: string;
  /** Whether they show up inside the tracker apps of the others, with name, last position and places. */
  shownInApps: boolean;
}

/** `PUT /api/pause`, answered with `Pause`; neither: until you end it, by DELETE. */
export interface PauseRequest {
  /** 1 to 720. */
  hours?: number;
  /** ISO 8601 with a zone, instead of hours. */
  until?: string;
}

/** `GET /api/pause`. */
export interface Pause {
  paused: boolean;
  /** ISO 8601: when it ends by itself, if it does. */
  until?: string;
}

/** `PATCH /api/users/{id}`; what is left out stays as it is. */
export interface MemberRequest {
  name?: string;
  role?: 'admin' | 'member';
  /** Yours alone to change. */
  shownInApps?: boolean;
}

/** `GET /api/family`. */
export interface Family {
  id: string;
  name: string;
  /** How long positions are kept: a time such as 12h, 30d, 8w or 2y, or off for only the last one of each member. */
  history: string;
  /** Whether the server makes the group key, and so can read what the family encrypts. */
  serverCanRead: boolean;
}

/** `GET /api/maps`: what there is besides the map that the page brings along. */
export interface Maps {
  street?: StreetMap;
}

/** A map with streets. */
export interface StreetMap {
  /** Pictures; Mapbox Vector Tiles; or these in one PMTiles archive. */
  kind: 'raster' | 'vector' | 'pmtiles';
  /** Of the tiles, with {z}, {x} and {y}; of a TileJSON, where a vector map has none of them; or of the archive. */
  url: string;
  /** Has to stand on the map; plain text. */
  attribution: string;
  /** Who learns where a member looks. Left out where it is this server. */
  host?: string;
}

/** `PATCH /api/family`; what is left out stays as it is. */
export interface FamilyRequest {
  name?: string;
  history?: string;
  serverCanRead?: boolean;
}

/** `POST /api/crypto/register-key`, answered with `GroupKey`, or 404 while nobody has wrapped it for you. */
export interface KeyRequest {
  /** X25519, 32 bytes, base64url without padding. */
  publicKey: string;
}

/** `GET /api/crypto/group-key`: a group key of 32 bytes as one member can unwrap it. */
export interface GroupKey {
  /** Nonce of 24 bytes and libsodium's crypto_box of the group key, base64url without padding. */
  package: string;
  /** The public key of the device that wrapped it. */
  adminPublicKey: string;
  keyVersion: number;
}

/** `PUT /api/crypto/group-key/{userId}`. */
export interface WrapRequest {
  /** As in `GroupKey`. */
  package: string;
  /** The family's, or the one after it to start a new group key. */
  keyVersion: number;
  /** What you wrapped it for: when that is no longer the member's, nothing is stored. */
  publicKey?: string;
}

/** `GET /api/crypto/keys`. */
export interface Keys {
  /** Of the family's group key; 0 while there is none. */
  keyVersion: number;
  keys: MemberKey[];
}

/** A member's public key. */
export interface MemberKey {
  userId: string;
  publicKey: string;
  /** Of the group key that the member has; 0 for none. */
  keyVersion: number;
}

/** A kept position: readable, or with a payload. */
export interface Location {
  /** The sender's own id for it, or its offset where there was none. */
  id: string;
  /** Its place in the family's stream; below all of them where it was imported. */
  offset: number;
  latitude?: number;
  longitude?: number;
  /** When it was measured, ISO 8601. */
  timestamp: string;
  accuracy?: number;
  altitude?: number;
  speed?: number;
  bearing?: number;
  battery?: number;
  charging?: boolean;
  activity?: string;
  alarm?: string;
  payload?: EncryptedPayload;
}

/** `GET /api/users/{id}/locations`. */
export interface Page {
  locations: Location[];
  /** Path of the next page, when there is one. */
  next?: string;
}

/** `POST /api/users/{id}/imports`. */
export interface Import {
  name: string;
  status: 'running' | 'done' | 'failed';
  /** ISO 8601. */
  startedAt: string;
  /** Read so far. */
  bytes: number;
  /** What the file is, once it is read. */
  format?: string;
  /** Positions found. */
  understood: number;
  /** Of these, the new ones; none that was measured while you were paused. */
  added: number;
  /** Of these, older than the family keeps. */
  tooOld: number;
  notUnderstood: NotUnderstood[];
  /** For people: why it failed. */
  message?: string;
}

/** Entries of a file that gave no position, by kind. */
export interface NotUnderstood {
  what: string;
  count: number;
  /** Where the first one is. */
  first?: string;
}

/** `GET /api/users/{id}/imports`. */
export interface Imports {
  imports: Import[];
}

/** `GET /api/devices`. */
export interface Devices {
  devices: Device[];
}

/** A signed-in device. */
export interface Device {
  id: string;
  /** The member whose it is. */
  userId: string;
  name: string;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601. */
  lastSeenAt: string;
  /** Whether it is the one that asks. */
  current: boolean;
}

/** `POST /api/locations`: one, answered with `Receipt`, or an array of up to 500, answered with `Receipts`. */
export type Report = PositionReport | EncryptedReport;

/** What became of a report. */
export interface Receipt {
  /** Your own id for it, when it had one. */
  id?: string;
  stored: boolean;
  /** It never will be, because you are paused or were when it was measured: forget it. */
  paused?: true;
  /** For people: why it was not stored. */
  message?: string;
}

/** What became of several, in their order. */
export interface Receipts {
  results: Receipt[];
}

/** `GET /api/ws-status`. */
export interface Connections {
  /** Live ones right now, WebSockets and event streams together. */
  connections: number;
}

/** `GET /api/health`. */
export interface Health {
  status: 'ok' | 'unavailable';
  /** The server's clock, ISO 8601. */
  timestamp: string;
  backlog: Backlog;
}

/** Reports that wait to be stored. */
export interface Backlog {
  waiting: number;
  /** From here on the server takes no more. */
  most: number;
}

// Trackers

/** `POST /api/trackers`, answered with `NewTracker`. */
export interface NewTrackerRequest {
  app: 'owntracks' | 'traccar' | 'osmand' | 'overland' | 'gpslogger';
  name: string;
  /** Whether the family sees how it does; false when left out. */
  shownToFamily?: boolean;
  /** Whether the family shows up inside the app, which OwnTracks alone can; false when left out. */
  familyInApp?: boolean;
  /** Whether the app may be sent commands; false when left out. */
  commands?: boolean;
}

/** A tracker that was just made. */
export interface NewTracker {
  tracker: Tracker;
  /** Shown only here. */
  setUp: SetUp;
}

/** What the app must be told. */
export interface SetUp {
  url: string;
  user?: string;
  password?: string;
  /** Opens the app and sets it up. */
  link?: string;
  /** What a QR code for it says. */
  qr: string;
  /** To copy, each under the words that the app uses for it. */
  texts: { [label: string]: string };
}

/** `GET /api/trackers`. */
export interface Trackers {
  trackers: Tracker[];
}

/** A tracker and how it does. Times are ISO 8601. */
export interface Tracker {
  /** The device's id. */
  id: string;
  /** The member whose it is. */
  userId: string;
  name: string;
  app: 'owntracks' | 'traccar' | 'osmand' | 'overland' | 'gpslogger';
  createdAt: string;
  /** Waits for its first position, is well, has sent what could not be understood, or has been silent for too long. */
  state: 'waiting' | 'fine' | 'trouble' | 'silent';
  /** When it said something last. */
  contactAt?: string;
  /** When its first position came in. */
  firstPositionAt?: string;
  /** When its newest position was measured. */
  lastPositionAt?: string;
  /** 0, empty, to 1, full. */
  battery?: number;
  charging?: boolean;
  /** What was wrong with its last message, for people. */
  trouble?: string;
  troubleAt?: string;
  shownToFamily: boolean;
  /** Whether the family shows up inside the app. */
  familyInApp: boolean;
  commands: boolean;
  /** How long it may say nothing. */
  silentAfterMinutes: number;
}

/** `PATCH /api/trackers/{id}`; what is left out stays as it is. */
export interface TrackerRequest {
  name?: string;
  shownToFamily?: boolean;
  familyInApp?: boolean;
  commands?: boolean;
  /** 5 to 129600. */
  silentAfterMinutes?: number;
}

// Home Assistant

/** `PUT /api/webhook`. */
export interface WebhookRequest {
  /** A webhook of your Home Assistant, at one of the origins. */
  url: string;
}

/** `GET /api/webhook`: where your positions are sent to. */
export interface Webhook {
  url?: string;
  /** Why it does not work, for people. */
  trouble?: string;
  /** At which it may lie; none where the server sends no positions anywhere. */
  origins: string[];
}

// For admins, and for the person who runs the server

/** `GET /api/log`, the newest first. */
export interface Log {
  entries: LogEntry[];
  /** Path of the next page, when there is one. */
  next?: string;
}

/** What happened about who may what. */
export interface LogEntry {
  /** ISO 8601. */
  at: string;
  event: 'member-joined' | 'member-left' | 'member-removed' | 'admin-made' | 'admin-unmade' | 'device-added' | 'device-removed' | 'invite-made' | 'invite-withdrawn' | 'export-taken' | 'backup-taken' | 'everybody-signed-out' | 'secrets-refused';
  /** Missing where it is the whole server's business. */
  familyId?: string;
  /** Whom it is about. */
  userId?: string;
  /** Who did it; missing where the server did. */
  by?: string;
  deviceId?: string;
  /** The invitation, or what somebody joined by. */
  inviteId?: string;
  /** How many secrets were refused. */
  times?: number;
}

/** `DELETE /api/tokens`: what brings each member back. */
export interface WaysBack {
  codes: WayBack[];
}

/** Signs a new device of a member in, once. */
export interface WayBack {
  family: string;
  userId: string;
  name: string;
  code: string;
  /** ISO 8601. */
  expiresAt: string;
}
