/**
 * Every option of the server, as data. Each is a flag (`--ring-timeout 5s`), an environment variable
 * (`ROLLCALL_RING_TIMEOUT=5s`) and a key of the configuration file (`ringTimeout: 5s`); `config.ts` reads the three,
 * and `docs/reference/options.md` and `--help` are made from here.
 */
import type { Option, OptionGroup } from './option-types.ts'
import {
  MOST,
  address,
  choice,
  duration,
  integer,
  ip,
  moment,
  networks,
  option,
  optional,
  ports,
  size,
  text,
  truth,
} from './option-types.ts'

const server = {
  host: option(text, '127.0.0.1', 'The address to listen on; `0.0.0.0` or `::` for every network.'),
  port: option(integer(0, 65_535), '8080', 'The TCP port to listen on; 0 takes any free one.'),
  https: option(
    truth,
    'false',
    'Whether to serve https instead of http, with a certificate of a local authority that is made on the first run and kept in the data folder.',
  ),
  httpsCertificate: optional(
    text,
    'issued by the local authority',
    'The PEM file of a certificate of your own for https, with its chain; goes with `httpsKey`.',
  ),
  httpsKey: optional(
    text,
    'made with the certificate',
    'The PEM file of the private key of `httpsCertificate`, without a passphrase.',
  ),
  data: option(text, 'data', 'The folder for the database, or `memory` to keep everything in memory until the end.'),
  backups: optional(
    text,
    '`backups` in the folder of the data',
    'The folder in which each backup has a folder of its own: see [operations](../operations.md).',
  ),
  backupsKept: option(
    integer(1, MOST),
    '7',
    'How many backups that were made without a name are kept: the newest ones.',
  ),
  directory: optional(
    text,
    '`rollcall.yaml` if it exists, else the built-in demo',
    'The YAML file with the tenants, people, applications and phone numbers.',
  ),
  mode: option(
    choice('development', 'production'),
    'development',
    'In `production` the control API asks for `adminKey`, which must then be set, and bots are reached at public addresses only (`outboundNetworks`).',
  ),
  adminKey: {
    ...optional(
      text,
      'the control API is open to this machine in development',
      'The key that the control API asks for.',
    ),
    secret: true,
  },
  outboundNetworks: optional(
    networks,
    'public addresses only in production, any in development',
    'In production, networks of your own that callbacks, webhooks and prompts may be in, beside public addresses: `10.20.0.0/16`.',
  ),
  logLevel: option(
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'The least serious messages that are logged.',
  ),
}

const contract = {
  profile: option(
    choice('teams', 'open'),
    'teams',
    'Whether to keep the restrictions that Teams puts on bots (`teams`), or to allow all that the API can express (`open`).',
  ),
  baseUrl: optional(
    address,
    'made from `host` and the port',
    'The URL under which bots and people reach the server; set it behind a proxy or in a container.',
  ),
  issuer: optional(text, 'made from the base URL', 'The issuer (`iss`) of access tokens.'),
  notificationIssuer: optional(
    text,
    "the server's own",
    'The issuer (`iss`) of the tokens that sign notifications; `https://api.botframework.com` for bots that insist on it.',
  ),
}

const time = {
  clock: option(
    choice('real', 'virtual'),
    'real',
    'A `virtual` clock stands still until the control API winds it forward, so that tests of time-outs need no waiting.',
  ),
  clockStart: optional(moment, 'now', 'The moment at which the virtual clock starts, in ISO 8601 with a time zone.'),
  settlePatience: option(
    duration(0, 60_000),
    '500ms',
    'How long, in real time, the virtual clock waits at each step for a bot that is slow to answer.',
  ),
}

const calls = {
  ringTimeout: option(duration(), '60s', 'How long somebody is rung before the invitation fails.'),
  maxRingTimeout: option(duration(1000), '10m', 'The longest `rollcall.ringTimeout` that an invite may ask for.'),
  answerTimeout: option(duration(), '15s', 'How long a bot may take to answer an incoming call.'),
  recordingAnswerTimeout: option(
    duration(),
    '5s',
    'How long a bot may take to answer the call that a recording policy makes, or whether it records one more person.',
  ),
  setupTimeout: option(duration(), '30s', 'How long an answered call may take to bring its media up.'),
  keepAliveTimeout: option(duration(), '45m', 'How long a call lives without a keep-alive from its bot.'),
  lobbyTimeout: option(duration(), '30m', 'How long somebody may wait in the lobby.'),
  maxCallDuration: option(duration(), '24h', 'How long a call may last.'),
  mediaTimeout: option(
    duration(),
    '1h',
    'How long a prompt, a recording or a sending of tones may go on without word of it, endless prompts aside.',
  ),
  syncDelay: option(
    duration(0),
    '0s',
    'How long it takes, once an application instance was synced, until calls know of it and of its number.',
  ),
  operationRetention: option(duration(), '1h', 'How long a finished operation can be read.'),
  joinTokenLifetime: option(
    duration(1000),
    '24h',
    'How long the token of an incoming call into a group call or meeting can be used to join.',
  ),
  meetingRetention: option(duration(), '60d', 'How long an online meeting is kept after its end, or its deletion.'),
  callRetention: option(duration(), '24h', 'How long a call that is over is kept.'),
  callRecordRetention: option(duration(), '30d', 'How long after its start the record of a call can be read.'),
  callRecordSessions: option(integer(1, 1_000_000), '10000', 'Sessions that the record of one call holds.'),
}

const tokens = {
  tokenLifetime: option(duration(1000), '3599s', 'How long an access token is valid; at most `keyOverlap`.'),
  keyRotation: option(duration(1000), '30d', 'How often a new signing key is made.'),
  keyOverlap: option(duration(1000), '2d', 'How long a replaced signing key is still published.'),
  issuers: optional(
    text,
    "only the server's own tokens are accepted",
    'The YAML file with outside issuers, such as a real Entra tenant, whose access tokens are accepted as well.',
  ),
  assertionReuse: option(
    truth,
    'true',
    "Whether a client assertion may be presented again while it is valid; Entra allows it, and Microsoft's libraries do it.",
  ),
  tokenRequestLimit: option(
    integer(0, MOST),
    '600',
    'How often an application may ask for a token in a minute from one address, right or wrong; 0 for no limit.',
  ),
  tokenCacheSize: option(integer(1, MOST), '10000', 'Checked access tokens that are remembered.'),
}

const notifications = {
  deliveryTimeout: option(duration(), '15s', 'How long a bot may take to accept a notification.'),
  deliveryRetryLimit: option(duration(), '60s', 'The longest wait between two attempts; at most `deliveryGiveUp`.'),
  deliveryGiveUp: option(duration(), '30m', 'How long a notification is tried before it is given up.'),
  deliveryConnections: option(integer(1, 10_000), '64', "Connections that are open to one bot's origin at once."),
  deliveryAnswerLimit: option(size(1, 64), '64KiB', "How much of a webhook's answer is read."),
  deliveryQueueLimit: option(integer(1, MOST), '1000', 'Waiting notifications of one call that are held in memory.'),
  deliveryBatch: option(truth, 'false', 'Whether notifications of one call that wait together leave in one request.'),
  deliveryRetention: option(duration(), '24h', 'How long a delivery that is over can be looked at.'),
  changeNotificationTimeout: option(
    duration(),
    '10s',
    'How long the webhook of a subscription may take to accept a change notification, or to pass its validation.',
  ),
  changeNotificationRetryLimit: option(
    duration(),
    '10m',
    'The longest wait between two tries of a change notification.',
  ),
  changeNotificationGiveUp: option(duration(), '4h', 'How long a change notification is tried.'),
  changeNotificationQueueLimit: option(integer(1, MOST), '10000', 'Change notifications that wait at once.'),
  subscriptionWarning: option(
    duration(),
    '15m',
    'How long before its expiry a subscription sends reauthorizationRequired.',
  ),
}

const media = {
  promptSizeLimit: option(size(1, 1024), '16MiB', 'The largest prompt that is fetched; a minute has about 2 MiB.'),
  promptTimeout: option(duration(), '15s', 'How long a prompt may take to be fetched.'),
  promptRedirects: option(integer(0, 20), '3', 'How many redirections of one prompt are followed.'),
  promptDownloads: option(integer(1, 1000), '16', 'Prompts that are fetched at once.'),
  promptQueueLimit: option(integer(0, MOST), '1000', 'Prompts that may wait to be fetched.'),
  promptCacheSize: option(size(0, 1024), '64MiB', 'Prompts that are remembered, in all.'),
  promptCacheLifetime: option(duration(), '1h', 'How long a prompt is remembered.'),
  recordingRetention: option(duration(), '24h', 'How long a recording is kept.'),
  recordingTokenLifetime: option(duration(), '24h', "How long a recording's access token is valid."),
  recordingLimit: option(integer(1, MOST), '1000', 'Recordings that are kept; the oldest go first.'),
  recordingSpace: option(size(1, 1_048_576), '1024MiB', 'How much room recordings take in all; the oldest go first.'),
  ownMediaTimeout: option(
    duration(100, 600_000),
    '10s',
    'How long an application with its own media may take to connect it, or to connect it again.',
  ),
  callRecording: option(
    choice('onDemand', 'all'),
    'onDemand',
    'Which whole conversations are recorded: those that control says, or all of them.',
  ),
  callRecordingDuration: option(
    // A WAV file has 4 GiB at most.
    duration(1000, 129_600_000),
    '4h',
    'The longest recording of a whole conversation; it ends then.',
  ),
  callRecordingSpace: option(
    size(1, 1_048_576),
    '4096MiB',
    'How much room recordings of whole conversations take in all; the oldest go first. An hour has about 110 MiB.',
  ),
  callRecordingRetention: option(duration(), '30d', 'How long a recording of a whole conversation is kept.'),
  audibilityKept: option(
    integer(0, MOST),
    '1000',
    'Of how many conversations it is kept, over restarts too, who heard whom: the first 1,000 rows of each; the oldest conversations go first.',
  ),
  audibilityLimit: option(
    integer(1000, MOST),
    '200000',
    'How much is remembered of who heard whom: each stretch of sound counts, and each name in who could hear whom; the oldest conversations go first.',
  ),
}

const phone = {
  oneClickSignIn: optional(
    truth,
    'on in development, off in production',
    'Whether people sign in by choosing themselves from a list, without a password.',
  ),
  phoneIssuer: optional(
    address,
    "the server's own one-click sign-in, if it is on",
    'The OpenID Connect issuer at which people sign in, such as `https://login.example.com/realms/contoso`.',
  ),
  phoneClientId: option(text, 'phone', 'The client id of the browser phone at `phoneIssuer`: a public client.'),
  phoneUserClaim: option(
    text,
    'oid',
    'The claim in which `phoneIssuer` names the user of the directory, by object id or user principal name.',
  ),
  phoneTokenLifetime: option(
    duration(60_000),
    '12h',
    'How long somebody stays signed in who used the one-click sign-in.',
  ),
  signInLimit: option(
    integer(0, MOST),
    '600',
    'Requests to the one-click sign-in that one address may make in a minute; 0 for no limit.',
  ),
  phoneGuests: option(truth, 'true', 'Whether guests without an account may come into meetings by their link.'),
  phoneReconnectTimeout: option(
    duration(1000, 3_600_000),
    '30s',
    'How long a call waits for its page: after a reload, on another network, after a restart of the server.',
  ),
  phoneHeartbeat: option(
    duration(1000, 300_000),
    '10s',
    'How often a page gives a sign of life; after three times that in silence it counts as gone.',
  ),
  phonePages: option(
    integer(1, 1000),
    '10',
    'Pages that one person may have open; with one more the oldest is closed.',
  ),
  phoneConnections: option(integer(1, MOST), '10000', 'Pages that may be open in all.'),
  phoneCalls: option(integer(1, 1000), '10', 'Calls that one person may be in from pages, those that ring aside.'),
  phoneMessageSize: option(size(16, 16), '256KiB', 'The largest message that a page may send.'),
  phoneMessageRate: option(integer(5, 10_000), '50', 'Messages that a page may send in a second.'),
  phoneRequests: option(integer(1, 1000), '20', 'Requests of one page that may be under way at once.'),
  phoneSendBuffer: option(
    size(16, 1024),
    '1MiB',
    'How much may wait for a page that reads slowly, before it is cut off.',
  ),
  signInMemory: option(integer(10, MOST), '10000', 'Sign-ins that are under way at once; the oldest give way.'),
}

const sound = {
  mediaAddress: optional(
    ip,
    "`host`, if that is one machine's address, else every address of the machine; Firefox, which tries none of loopback, is then answered at the others",
    'The address at which sound is taken from browsers, by UDP.',
  ),
  mediaAnnouncedAddress: optional(
    ip,
    'the addresses of the machine alone',
    'An address at which browsers reach this machine and which it does not know itself: behind address translation, or in a container.',
  ),
  mediaPorts: optional(
    ports,
    'any free port for each browser',
    'The UDP ports for sound, which a firewall must let in: one for each browser that is in a call at the same time, such as `40000-40999`; or a single one, which all of them share.',
  ),
  mediaSampleRate: option(
    choice('48kHz', '16kHz'),
    '48kHz',
    'At which rate is mixed; `16kHz` takes about half of the processor, and sounds like a good telephone.',
  ),
  mediaCoding: option(
    choice('lowDelay', 'speech'),
    'lowDelay',
    'How Opus is encoded: `lowDelay` takes a fraction of the processor, `speech` mends lost packets and sounds better below 24 kbit/s.',
  ),
  mediaComplexity: option(
    integer(0, 10),
    '0',
    'How much work Opus may make of encoding; 10 is most. `lowDelay` gains nothing by it below 5; `speech` sounds better with 5 or more.',
  ),
  mediaBitrate: option(integer(8000, 256_000), '32000', 'Bits a second that a browser is sent.'),
  mediaSpeakers: option(integer(1, 100), '3', 'Speakers who are mixed at the same time in one room: the loudest.'),
  maxMediaLegs: option(integer(0, 10_000), '200', 'Browsers and applications of whom sound is taken at the same time.'),
  mediaLoadLimit: option(
    integer(1, 100),
    '80',
    'Share of a processor core that mixing may use, in percent, before no more are taken.',
  ),
  mediaPacketLimit: option(
    integer(60, 100_000),
    '250',
    'Packets that are taken from one browser in a second; whoever sends ten times as many is disconnected.',
  ),
  mediaVideo: option(
    truth,
    'true',
    'Whether cameras and screens of people at pages are carried: forwarded, as they are.',
  ),
  mediaVideoSlots: option(integer(1, 49), '9', 'Cameras that a page can see at the same time.'),
  mediaCameraBitrate: option(
    integer(50_000, 100_000_000),
    '1500000',
    'Bits a second that a camera may send, at most; it is asked for less when those who watch cannot take as much.',
  ),
  mediaScreenBitrate: option(integer(50_000, 100_000_000), '2500000', 'Likewise for a screen.'),
  mediaVideoLeastBitrate: option(
    integer(10_000, 100_000_000),
    '150000',
    'Bits a second for which a picture is asked at least, however little gets through to somebody who watches.',
  ),
  mediaVideoPacketLimit: option(
    integer(100, 100_000),
    '1500',
    'Packets of pictures that are taken from one browser in a second, and twice as many bits as its camera and screen may send; whoever sends ten times as much is disconnected.',
  ),
  mediaConnectTimeout: option(duration(1000, 600_000), '15s', 'How long a browser may take to connect for sound.'),
  mediaSilenceTimeout: option(
    duration(1000, 600_000),
    '10s',
    'How long nothing may come from a browser that sent sound before it counts as interrupted.',
  ),
  mediaInterruptionTimeout: option(
    duration(1000, 600_000),
    '30s',
    'How long a browser may be interrupted before its connection is given up.',
  ),
}

const tracing = {
  otlpEndpoint: optional(
    address,
    'nothing is traced',
    'Where OpenTelemetry traces are sent by OTLP over HTTP, such as `http://localhost:4318`; headers are taken from `OTEL_EXPORTER_OTLP_HEADERS`.',
  ),
  traceShare: option(integer(0, 100), '100', 'How many of the traces that begin here are kept, in percent.'),
}

const limits = {
  requestTimeout: option(duration(), '30s', 'How long a request may take to arrive.'),
  drainTimeout: option(
    duration(0),
    '10s',
    'How long the server waits, when it is stopped, for work that is under way.',
  ),
  maxConnections: option(integer(1, MOST), '10000', 'Connections of clients that are open at once; more are closed.'),
  bodyLimit: option(size(1, 1024), '1MiB', 'The largest body of a request.'),
  batchConcurrency: option(integer(1, 20), '5', 'Requests of one `$batch` that are carried out at the same time.'),
  mailboxLimit: option(integer(1, MOST), '1000', 'Commands that may wait for one conversation.'),
  maxLiveCalls: option(integer(1, MOST), '100000', 'Live calls on the whole server.'),
  maxCallsPerApplication: option(integer(0, MOST), '10000', 'Live calls of one application; 0 for no limit.'),
  mediaQueueLimit: option(
    integer(1, 10_000),
    '100',
    'Prompts, recordings and sendings of tones that may be under way and waiting in one call.',
  ),
  maxSubscriptionsPerApplication: option(integer(1, MOST), '100', 'Subscriptions of one application.'),
  maxParticipants: option(integer(2, 100_000), '1000', 'Participants of one conversation, those being rung included.'),
  maxFallbacks: option(integer(0, 100), '5', 'Fallbacks that one invitee may have (`rollcall.fallbacks`).'),
  maxAudioRoutingGroups: option(integer(0, 10_000), '100', 'Audio routing groups that one call may have.'),
  directoryLimit: option(
    integer(0, MOST),
    '10000',
    'Entries of the directory that are added, changed or taken out while the server runs.',
  ),
  maxCredentials: option(
    integer(1, 10_000),
    '100',
    'Secrets that one application may have when one is added, and certificates, by themselves.',
  ),
  maxMeetings: option(
    integer(0, MOST),
    '10000',
    'Online meetings that there may be at a time; deleted ones give way to new ones.',
  ),
  publishedLimits: option(
    truth,
    'false',
    'Whether applications are held to the limits that are published for Graph, and throttled beyond them; `limits` of an application in the directory hold in any case.',
  ),
  throttleLimit: option(integer(0, MOST), '100', 'Throttles that are set by control at the same time.'),
  scriptLimit: option(integer(0, MOST), '10000', 'Scripts of scripted people that are set while the server runs.'),
  journalSize: option(integer(0, MOST), '10000', 'Requests that the journal remembers.'),
  idempotencyRetention: option(
    duration(),
    '24h',
    'How long at least the answer to a request with an idempotency key is given again.',
  ),
  timelineRetention: option(duration(), '24h', 'How long the timeline of a conversation that is over is kept.'),
}

/** Every option by its key. */
export const options = {
  ...server,
  ...contract,
  ...time,
  ...calls,
  ...tokens,
  ...notifications,
  ...media,
  ...phone,
  ...sound,
  ...tracing,
  ...limits,
}

/** The options in the order and under the titles of the reference. */
export const optionGroups: readonly OptionGroup[] = [
  { title: 'Server', options: server },
  { title: 'What bots see', options: contract },
  { title: 'Time', options: time },
  { title: 'Calls', options: calls },
  { title: 'Access tokens', options: tokens },
  { title: 'Notifications', options: notifications },
  { title: 'Prompts and recordings', options: media },
  { title: 'People at browser pages', options: phone },
  { title: 'Sound', options: sound },
  { title: 'Traces', options: tracing },
  { title: 'Limits', options: limits },
]

/** The key of an option, as in `Config` and in the configuration file. */
export type OptionKey = keyof typeof options

/**
 * How the server runs: the value of every option, frozen. Durations are milliseconds, sizes are bytes, moments are
 * milliseconds since the Unix epoch; an option that is not set and has no default is undefined.
 */
export type Config = { readonly [K in OptionKey]: (typeof options)[K] extends Option<infer T> ? T : never }

/** The flag of an option: `ringTimeout` is `--ring-timeout`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The environment variable of an option: `ringTimeout` is `ROLLCALL_RING_TIMEOUT`. */
export function variableOf(key: string): string {
  return `ROLLCALL_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}
