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

/** Who shares no more. */
export interface Stopped extends Presence {
  /** ISO 8601, by the server's clock: what was measured before is the past. */
  at: string;
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

/** An alarm that a member raised. Times are ISO 8601. */
export interface Alarm {
  userId: string;
  name: string;
  /** What it is about, such as `sos`. */
  alarm: string;
  /** When the server heard of it. */
  at: string;
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

/** A circle with a name. */
export interface Place {
  id: string;
  name: string;
  /** Of the centre, degrees, WGS 84. */
  latitude: number;
  /** Of the centre, degrees, WGS 84. */
  longitude: number;
  /** Metres, 50 to 50,000. */
  radius: number;
  icon: 'home' | 'school' | 'work' | 'sport' | 'friends' | 'other';
  /** The member who made it. */
  createdBy: string;
}

/** A place that is no more. */
export interface PlaceId {
  id: string;
}

/** Where somebody is, by name. */
export interface CurrentPlace {
  /** The place's id. */
  id: string;
  /** The place's name. */
  name: string;
  /** ISO 8601: when they arrived. */
  since: string;
}

/** Who is where. */
export interface Whereabouts {
  userId: string;
  /** Null for none. */
  place: CurrentPlace | null;
}

/** A call for help. Times are ISO 8601. */
export interface Sos {
  id: string;
  /** Who calls. */
  userId: string;
  at: string;
  /** What they say, if anything. */
  message: string | null;
  /** The members who have seen it. */
  acknowledgedBy: string[];
  /** Null while it goes on. */
  endedAt: string | null;
}

/** Who asks where you are. */
export interface Asking {
  userId: string;
  name: string;
}

/** Something that you are told, once. */
export interface Notification {
  /** The same again is the same notification. */
  id: string;
  kind: 'arrive' | 'leave' | 'battery' | 'silent' | 'sos' | 'check-in' | 'locate' | 'test';
  title: string;
  text: string;
  /** Whom it is about. */
  userId?: string;
  /** Which place it is about. */
  placeId?: string;
  /** When you were told. */
  at: string;
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

/** A member raises an alarm, and nobody knows where they are: those with a place are `LocationBroadcast`s. */
export interface AlarmRaised extends Alarm {
  type: 'alarm';
}

/**
 * A device of a member shares no more: do not take their last position for where they are. A later one is news again. The
 * last one of each member comes right after connecting too; it may be you.
 */
export interface UserStopped extends Stopped {
  type: 'user:stopped';
}

/** The family has a new place, or one is otherwise than before. */
export interface PlaceUpdate extends Place {
  type: 'place:changed';
}

/** The family has this place no more. */
export interface PlaceGone extends PlaceId {
  type: 'place:removed';
}

/** A member has arrived at a place, or has left one. */
export interface UserPlace extends Whereabouts {
  type: 'user:place';
}

/** A member calls for help, somebody has seen it, or it is over. */
export interface SosUpdate extends Sos {
  type: 'sos';
}

/** A member asks where you are. */
export interface LocateRequest extends Asking {
  type: 'locate:request';
}

/** A tracker of your own does otherwise than before; the whole is at `GET /api/trackers`. */
export interface TrackerUpdate extends TrackerState {
  type: 'tracker:update';
}

/** You are told something: you alone, and what was told meanwhile is at `GET /api/notifications`. */
export interface Notified extends Notification {
  type: 'notification';
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
  | AlarmRaised
  | UserStopped
  | PlaceUpdate
  | PlaceGone
  | UserPlace
  | SosUpdate
  | LocateRequest
  | TrackerUpdate
  | Notified
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
  | 4408
  /** More than 100 connections of one member: the oldest is closed. */
  | 4429;

// Server-sent events, /api/events

/** The `data` of each `event`, in JSON; the `id` of a position is its offset. */
export interface Events {
  'location:broadcast': MemberPosition | EncryptedPosition;
  'user:online': Presence;
  'user:offline': Presence;
  'user:paused': Paused;
  'user:resumed': Presence;
  alarm: Alarm;
  'user:stopped': Stopped;
  'place:changed': Place;
  'place:removed': PlaceId;
  'user:place': Whereabouts;
  sos: Sos;
  'locate:request': Asking;
  'tracker:update': TrackerState;
  notification: Notification;
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
  alarm: (alarm: Alarm) => void;
  'user:stopped': (stopped: Stopped) => void;
  'place:changed': (place: Place) => void;
  'place:removed': (place: PlaceId) => void;
  'user:place': (whereabouts: Whereabouts) => void;
  sos: (sos: Sos) => void;
  'locate:request': (asking: Asking) => void;
  'tracker:update': (tracker: TrackerState) => void;
  notification: (notification: Notification) => void;
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
  /** What this device is to be called; "Device of" and your name when left out. */
  device?: string;
}

/** `POST /api/families`, answered with `Joined`. */
export interface SignUpRequest {
  /** The family's name, at most 64 characters. */
  family: string;
  /** Yours, as the family sees it; at most 64 characters. */
  name: string;
  /** What this device is to be called; "Device of" and your name when left out. */
  device?: string;
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
  /** The member whose new device it signs in, if it does. */
  name?: string;
  /** It starts the server's first family. */
  first?: true;
}

/** `POST /api/users/{id}/device-codes`: signs one more device of a member in, once. */
export interface DeviceCode {
  code: string;
  /** Opens the page and signs in; where the server's owner has said where it is (`DRAUGAR_URL`). */
  link?: string;
  /** ISO 8601. */
  expiresAt: string;
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
  /** Theirs in the family: an index into the ten of a palette. */
  colour: number;
  /** What stands for them instead of their initials. */
  emoji?: string;
  /** Where they are by name; null for none, and while they are paused. */
  place: CurrentPlace | null;
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
  /** 0 to 9. */
  colour?: number;
  /** One emoji; empty for none. */
  emoji?: string;
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
  /** Which of your devices reported it; left out where it is not yours. */
  deviceId?: string;
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
  /** Of these, the new ones. */
  added: number;
  /** Of these, there before, or twice in the file. */
  known: number;
  /** Of these, older than the family keeps. */
  tooOld: number;
  /** Of these, measured while you were paused, and left out. */
  paused: number;
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

/** `GET /api/places`. */
export interface Places {
  places: Place[];
}

/** `POST /api/places`, answered with `Place`: all but the icon. `PATCH /api/places/{id}`: what is left out stays. */
export interface PlaceRequest {
  /** At most 64 characters. */
  name?: string;
  /** Of the centre, degrees, WGS 84. */
  latitude?: number;
  /** Of the centre, degrees, WGS 84. */
  longitude?: number;
  /** Metres, 50 to 50,000. */
  radius?: number;
  icon?: 'home' | 'school' | 'work' | 'sport' | 'friends' | 'other';
}

/** `GET /api/users/{id}/visits`. */
export interface Visits {
  visits: Visit[];
}

/** A time at a place, as measured. Times are ISO 8601. */
export interface Visit {
  placeId: string;
  /** The place's name now. */
  name: string;
  arrivedAt: string;
  /** Null while they are there. */
  leftAt: string | null;
}

/** `GET /api/alerts`. */
export interface Alerts {
  alerts: Alert[];
}

/** What you want to be told. */
export interface Alert {
  id: string;
  /** A member's id, or anyone. */
  about: string;
  kind: 'arrive' | 'leave' | 'battery' | 'silent' | 'sos';
  /** Only there; any place when left out. */
  placeId?: string;
  /** Only on these, 1 for Monday to 7; all when left out. */
  days?: number[];
  /** Only from then on, HH:mm; later than `to` over midnight. */
  from?: string;
  /** Only before then, HH:mm. */
  to?: string;
  /** Where these days and times are, such as Europe/Berlin (IANA). */
  timeZone?: string;
  /** Only next time: then it goes. */
  once: boolean;
}

/** `POST /api/alerts`, `PATCH /api/alerts/{id}`, answered with `Alert`. In a change, what is left out stays. */
export interface AlertRequest {
  /** A member's id, or anyone. */
  about?: string;
  kind?: 'arrive' | 'leave' | 'battery' | 'silent' | 'sos';
  /** Only there; any place when left out. */
  placeId?: string;
  /** Only on these, 1 for Monday to 7; all when left out. */
  days?: number[];
  /** Only from then on, HH:mm; later than `to` over midnight. */
  from?: string;
  /** Only before then, HH:mm. */
  to?: string;
  /** Where these days and times are, such as Europe/Berlin (IANA). */
  timeZone?: string;
  /** Only next time: then it goes. */
  once?: boolean;
}

/** `GET /api/alerts/about-me`. */
export interface AlertsAboutMe {
  alerts: AboutMe[];
}

/** What somebody is told about you. */
export interface AboutMe {
  /** Who is told. */
  userId: string;
  kind: 'arrive' | 'leave' | 'battery' | 'silent' | 'sos';
  /** Only there; any place when left out. */
  placeId?: string;
  /** Only on these, 1 for Monday to 7; all when left out. */
  days?: number[];
  /** Only from then on, HH:mm; later than `to` over midnight. */
  from?: string;
  /** Only before then, HH:mm. */
  to?: string;
  /** Where these days and times are, such as Europe/Berlin (IANA). */
  timeZone?: string;
  /** Only next time: then it goes. */
  once: boolean;
}

/** `POST /api/sos`, answered with `NewSos`. It ends your pause. */
export interface SosRequest {
  /** At most 500 characters. */
  message?: string;
}

/** You have called. */
export interface NewSos {
  id: string;
}

/** `GET /api/sos`. */
export interface SosCalls {
  sos: Sos[];
}

/** `POST /api/check-ins`, answered with `CheckIn`. */
export interface CheckInRequest {
  /** ISO 8601, within the next 30 days. */
  by: string;
  /** Arriving there is being back. */
  placeId?: string;
}

/** When you want to be back. */
export interface CheckIn {
  id: string;
  /** ISO 8601. */
  by: string;
  placeId?: string;
}

/** `GET /api/check-ins`. */
export interface CheckIns {
  checkIns: CheckIn[];
}

/** An alarm of the last day. */
export interface KeptAlarm extends Alarm {
  /** When the position was measured that it came with, maybe long before; left out where no place is known. */
  measuredAt?: string;
}

/** `GET /api/alarms`. */
export interface Alarms {
  alarms: KeptAlarm[];
}

/** `GET /api/devices`. */
export interface Devices {
  devices: Device[];
}

/** `PATCH /api/devices/{id}`. */
export interface DeviceRequest {
  /** At most 64 characters. */
  name: string;
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

/** `GET /api/checkup`. */
export interface Checkup {
  /** `warning` where the state of a check is. */
  status: 'ok' | 'warning';
  checks: Check[];
}

export interface Check {
  /** Such as `tls`. */
  check: string;
  state: 'ok' | 'warning' | 'unknown';
  /** For people: how it is, and what to do about it. */
  message: string;
}

/** `GET /api/health`. */
export interface Health {
  status: 'ok' | 'unavailable';
  /** What is wrong, for the operator; only where something is. */
  trouble?: string;
  /** The server's clock, ISO 8601. */
  timestamp: string;
  backlog: Backlog;
  /** For the operator alone. */
  version?: string;
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
  /** All who report by tracker. */
  tracked: Tracked[];
}

/** A member who reports by tracker. */
export interface Tracked {
  userId: string;
  /** How long the tracker may say nothing: of several, the longest time. */
  silentAfterMinutes: number;
  /** ISO 8601: when it will have been silent for too long. Until then the last position counts. */
  silentAt: string;
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

// Notifications

/** `GET /api/notifications`, the newest first. */
export interface Notifications {
  notifications: Notification[];
}

/** `POST /api/notification-channels`. */
export interface NotificationChannelRequest {
  kind: 'webpush' | 'ntfy' | 'webhook' | 'email';
  /** Of a push subscription, as `PushSubscription.toJSON()` gives it. */
  endpoint?: string;
  keys?: SubscriptionKeys;
  /** Of an ntfy topic, or a webhook. */
  url?: string;
  /** For ntfy, where the topic wants one. */
  token?: string;
  /** For e-mail. */
  address?: string;
}

/** Of a push subscription, in base64url. */
export interface SubscriptionKeys {
  p256dh: string;
  auth: string;
}

/** Where you are told with the page closed. */
export interface NotificationChannel {
  id: string;
  kind: 'webpush' | 'ntfy' | 'webhook' | 'email';
  /** The endpoint, the URL or the e-mail address. */
  address: string;
  /** Not so for an e-mail address whose code has not come back: `POST /api/notification-channels/{id}/confirm`. */
  confirmed: boolean;
  /** Why it takes nothing now, for people. */
  trouble?: string;
  createdAt: string;
  /** When it last took something. */
  sentAt?: string;
}

/** `GET /api/notification-channels`. */
export interface NotificationChannels {
  channels: NotificationChannel[];
  /** As which this server can send. */
  kinds: string[];
}

/** `POST /api/notification-channels/{id}/confirm`. */
export interface ConfirmationRequest {
  code: string;
}

/** `GET /api/push-key`. */
export interface PushKey {
  /** For `applicationServerKey`, in base64url. */
  publicKey: string;
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
  event: 'member-joined' | 'member-left' | 'member-removed' | 'admin-made' | 'admin-unmade' | 'device-added' | 'device-code-made' | 'device-removed' | 'invite-made' | 'invite-withdrawn' | 'export-taken' | 'backup-taken' | 'everybody-signed-out' | 'secrets-refused';
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
