import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, isIPv4, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { assemble, type Config, type Switchyard } from '@switchyard/config'
import { type EventHub, SwitchyardError } from '@switchyard/core'
import { AnswerStanding } from './answer-standing.ts'
import { Callers } from './callers.ts'
import { CallsInFlight } from './calls-in-flight.ts'
import type { RequestLog } from './request-log.ts'
import { createServer } from './server.ts'
import { SimulatedProviders } from './simulated-providers.ts'
import { TargetMemory } from './target-memory.ts'

export interface GatewayOptions {
  readonly config: Config
  /** The file it came from: named in errors, and where providers' packages are looked for. */
  readonly file?: string
  /** Before the configuration's. Without keys only loopback is allowed. Default `127.0.0.1`. */
  readonly host?: string
  /** Before the configuration's; 0 takes any free one. Default 8080. */
  readonly port?: number
  readonly events?: EventHub
  /**
   * Where the ledger is kept, and what is learned of models; one gateway has it for itself. Default `.switchyard`
   * beside the configuration; where all providers are simulated, a temporary one.
   */
  readonly dataDirectory?: string
  /** Hears what goes wrong with the ledger and is nobody's call; default: nobody does. */
  readonly onLedgerError?: (error: Error) => void
  /** Hears that what is known of targets cannot be kept, or read at the start; default: nobody does. */
  readonly onTargetMemoryError?: (error: Error) => void
  /** Hears of each request when it is over; default: nobody does. */
  readonly log?: RequestLog
}

/** A gateway that serves. */
export interface Gateway extends AsyncDisposable {
  /** `http://127.0.0.1:8080`. */
  readonly url: string
  readonly switchyard: Switchyard
  /** Some of the providers are simulated. */
  readonly simulated: boolean
  /** What is used is forgotten when it closes. */
  readonly forgetful: boolean
  /** It has no keys: whoever reaches it may use it. */
  readonly open: boolean
  /**
   * Takes no more requests, lets running ones finish for `graceMs` (default: the configuration's, else
   * 10 s), ends the rest, and frees everything. Idempotent.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

const defaults = {
  host: '127.0.0.1',
  port: 8_080,
  requestTimeout: 60_000,
  bodyLimit: 20_000_000,
  mediaLimit: 15_000_000,
  shutdownGrace: 10_000,
}

/**
 * Starts the gateway.
 *
 * @throws {ConfigError} when a provider or chain cannot be made, or the configured ledger cannot be opened.
 * @throws {SwitchyardError} `invalid-request` when the address is not loopback and there are no keys, `unavailable` when the port is taken, or the
 * data directory belongs to another gateway.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const server = { ...defaults, ...compact(options.config.server), ...compact(options) }
  const callers = new Callers(options.config.keys)
  if (callers.open) requireLoopback(server.host)
  const simulated = new SimulatedProviders()
  const directory = options.file === undefined ? process.cwd() : dirname(options.file)
  const data = await dataDirectory(options, directory)
  let switchyard: Switchyard | undefined
  try {
    switchyard = await assemble(options.config, {
      directory,
      dataDirectory: data.path,
      providerTypes: { simulated: simulated.create },
      ...(options.file !== undefined && { file: options.file }),
      ...(options.events && { events: options.events }),
      ...(options.onLedgerError && { onLedgerError: options.onLedgerError }),
    })
    const running = switchyard
    const memory = new TargetMemory(data.path, running, error => options.onTargetMemoryError?.(error))
    await memory.restore()
    const end = async (): Promise<void> => {
      await memory.save()
      await running.dispose()
      await simulated.close()
      await data.remove()
    }
    const { forgetful } = data
    return await serve(switchyard, { callers, simulated, forgetful, saveTargets: () => memory.save(), end }, server)
  } catch (error) {
    await switchyard?.dispose()
    await simulated.close()
    await data.remove()
    throw error
  }
}

/** Where what is to last is kept; what is simulated does not last. */
async function dataDirectory({ config, dataDirectory: given }: GatewayOptions, directory: string) {
  const keep = { path: given ?? resolve(directory, '.switchyard'), forgetful: false, remove: async () => {} }
  const isSimulated = Object.values(config.providers).every(({ type }) => type === 'simulated')
  if (given !== undefined || config.ledger !== undefined || !isSimulated) return keep
  const path = await mkdtemp(join(tmpdir(), 'switchyard-simulated-'))
  return { path, forgetful: true, remove: () => rm(path, { recursive: true, force: true }) }
}

interface Parts {
  readonly callers: Callers
  readonly simulated: SimulatedProviders
  readonly forgetful: boolean
  readonly saveTargets: () => Promise<void>
  /** Frees all that serves the server. */
  readonly end: () => Promise<void>
}

type Settings = typeof defaults & { readonly config: Config; readonly log?: RequestLog }

async function serve(switchyard: Switchyard, parts: Parts, settings: Settings): Promise<Gateway> {
  const { callers, simulated, forgetful, saveTargets, end } = parts
  const calls = new CallsInFlight()
  let ready = false
  const standing = new AnswerStanding(switchyard, settings.config)
  await standing.ready()
  const app = createServer({
    switchyard,
    config: settings.config,
    callers,
    standing,
    calls,
    bodyLimitBytes: settings.bodyLimit,
    maxMediaBytes: settings.mediaLimit,
    host: settings.host,
    requestTimeoutMs: settings.requestTimeout,
    simulated: simulated.count === switchyard.registry.list().length,
    ready: () => ready,
    log: settings.log,
    saveTargets,
  })
  await app.ready()
  await listen(app.server, settings.host, settings.port)
  ready = true
  // what fails is told as events, and asked for again by the schedule
  if (switchyard.modelSync.nextAt !== undefined) switchyard.modelSync.sync().catch(() => {})

  const stop = async (graceMs: number): Promise<void> => {
    ready = false
    const closed = new Promise<void>(resolve => app.server.close(() => resolve()))
    app.server.closeIdleConnections()
    await calls.finish(graceMs)
    app.server.closeAllConnections()
    await closed
    await app.close()
    await end()
  }
  let closing: Promise<void> | undefined
  const close: Gateway['close'] = ({ graceMs = settings.shutdownGrace } = {}) => {
    closing ??= stop(graceMs)
    return closing
  }
  const { port } = app.server.address() as AddressInfo
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `http://${host}:${port}`,
    switchyard,
    simulated: simulated.count > 0,
    forgetful,
    open: callers.open,
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

function requireLoopback(host: string): void {
  if (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return
  throw new SwitchyardError(
    'invalid-request',
    `The gateway has no keys to tell friends from strangers, so it serves this machine only, not ${host}; give it keys in its configuration, or use --host 127.0.0.1.`,
    { param: 'server.host' },
  )
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

const listenErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; --port N takes another, --port 0 any that is free',
  EACCES: 'may not be taken by this user; --port N takes another, above 1023',
  ENOTFOUND: 'is not an address that is known; use --host 127.0.0.1',
  EADDRNOTAVAIL: 'is not an address of this machine; use --host 127.0.0.1',
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): SwitchyardError {
  const why = listenErrors[error.code ?? ''] ?? `cannot be listened on (${error.code ?? error.message})`
  return new SwitchyardError('unavailable', `Port ${port} on ${host} ${why}.`, { code: error.code ?? 'LISTEN' })
}

function compact<Fields extends object>(fields: Fields | undefined): { [K in keyof Fields]: NonNullable<Fields[K]> } {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as never
}
