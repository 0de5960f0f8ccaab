import type { IncomingMessage } from 'node:http'
import { simulatedApis } from './apis.ts'
import { Bill, type OpenAccount } from './bill.ts'
import { deliver } from './delivery.ts'
import { deliveryPlan, refusalOfAnswer } from './delivery-plan.ts'
import { RequestRefusal } from './error-wording.ts'
import type { Fault, ScriptEntry, Step } from './fault.ts'
import { FaultScript } from './fault-script.ts'
import type { Reply } from './reply.ts'
import { errorReply, type FaultContext, faultyReply, statusReply } from './reply-faults.ts'
import { readBody } from './request-body.ts'
import { addressedEndpoint, type ParsedJson, parsedJson, pathOf, queryOf } from './request-intake.ts'
import { type LoggedRequest, maskedCredential, now, type OpenRequest, RequestLog } from './request-log.ts'
import { type ServerConnection, startServer } from './server.ts'
import type { ReceivedRequest, SimulatedApi } from './simulated-api.ts'
import type { ModelRoles } from './simulated-model.ts'
import type { Simulator, SimulatorOptions } from './simulator-contract.ts'
import { findStep, hasStep } from './step-lookup.ts'

const bodyLimit = 64 * 1024 * 1024

/** Starts a simulated provider as a real HTTP server. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = new RunningSimulator(options)
  await simulator.start()
  return simulator
}

class RunningSimulator implements Simulator {
  readonly apiKey: string
  readonly bill: Bill
  readonly #options: SimulatorOptions
  readonly #api: SimulatedApi
  readonly #log: RequestLog
  #server: Awaited<ReturnType<typeof startServer>> | undefined
  readonly #script = new FaultScript()
  #count = 0
  #active = 0

  constructor(options: SimulatorOptions) {
    this.#options = options
    this.apiKey = options.apiKey ?? 'sk-simulated'
    const limit = options.logLimit ?? 10_000
    this.#log = new RequestLog(limit)
    this.bill = new Bill(limit)
    const { api = 'openai' } = options
    this.#api = (typeof api === 'string' ? simulatedApis[api] : api)(options)
  }

  async start(): Promise<void> {
    const handler = (request: IncomingMessage, connection: ServerConnection) => this.#handle(request, connection)
    this.#server = await startServer(handler, this.#options.host ?? '127.0.0.1', this.#options.port ?? 0)
    this.#server.onSocketClosed = () => this.#log.changed()
  }

  get url(): string {
    return this.#server?.origin ?? ''
  }

  get baseURL(): string {
    return this.url + this.#api.basePath
  }

  get models(): ModelRoles {
    return this.#api.models
  }

  get requests(): readonly LoggedRequest[] {
    return this.#log.requests
  }

  get requestCount(): number {
    return this.#count
  }

  get openSockets(): number {
    return this.#server?.openSockets ?? 0
  }

  script(...entries: readonly ScriptEntry[]): void {
    this.#script.add(entries)
  }

  setFault(fault?: Fault | readonly Fault[]): void {
    this.#script.stand(fault)
  }

  outage(fault: Fault = { type: 'status', status: 503 }): void {
    this.#script.outage(fault)
  }

  recover(): void {
    this.#script.outage(undefined)
  }

  waitForClose(index = this.requests.length - 1, timeoutMs = 2_000): Promise<LoggedRequest> {
    const find = () => {
      const request = this.requests[index]
      return request?.closedByClientAt === undefined ? undefined : request
    }
    return this.#log.wait(find, `the client to close request ${index}`, timeoutMs)
  }

  async waitForRequests(count: number, timeoutMs = 2_000): Promise<void> {
    await this.#log.wait(() => (this.#count >= count ? true : undefined), `request ${count}`, timeoutMs)
  }

  async waitForIdle(timeoutMs = 2_000): Promise<void> {
    await this.#log.wait(() => (this.#active === 0 ? true : undefined), 'all requests to be over', timeoutMs)
  }

  reset(): void {
    this.#log.clear()
    this.bill.clear()
    this.#script.clear()
    this.#count = 0
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #handle(request: IncomingMessage, connection: ServerConnection): Promise<void> {
    const record = this.#record(request, connection.id)
    this.#count++
    this.#active++
    this.#log.add(record)
    connection.onClientClosed = () => {
      record.closedByClientAt = now()
      this.#log.changed()
    }
    try {
      await this.#answer(request, connection, record)
    } finally {
      record.finishedAt = now()
      this.#active--
      this.#log.changed()
    }
  }

  async #answer(request: IncomingMessage, connection: ServerConnection, record: OpenRequest): Promise<void> {
    const text = await readBody(request, bodyLimit)
    if (connection.closed) return
    const body = parsedJson(text)
    if (text !== '' && this.#options.logBodies !== false) record.body = body.ok ? body.value : text
    let steps: readonly Step[]
    try {
      steps = [...this.#wished(request, body.value), ...this.#script.next(request, body.value)]
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const refusal = this.#api.errorOfIntake({ type: 'no-simulation', status: 400, message })
      return this.#deliver(errorReply(refusal, this.#faultContext(record, undefined)), [], connection, record)
    }
    const silent = refusalOfAnswer(steps)
    if (silent !== undefined && !hasStep(steps, 'keeps-generating')) return withhold(silent, connection)
    const reply = await this.#reply(request, text, body, steps, record)
    if (silent !== undefined) {
      const account = reply.billing && this.bill.open(record.id, reply.billing)
      await withhold(silent, connection)
      if (account !== undefined) goOn(reply, steps, account)
      return account?.settle('aborted')
    }
    if (!connection.closed) await this.#deliver(reply, steps, connection, record)
  }

  #wished(request: IncomingMessage, body: unknown): readonly Step[] {
    const { headers, method = 'GET' } = request
    return this.#options.faults?.({ method, path: pathOf(request), headers: headers as never, body }) ?? []
  }

  async #reply(
    request: IncomingMessage,
    text: string | undefined,
    body: ParsedJson,
    steps: readonly Step[],
    record: OpenRequest,
  ): Promise<Reply> {
    const headers = request.headers as ReceivedRequest['headers']
    const query = queryOf(request)
    const credential = this.#api.credential({ headers, query })
    const context = this.#faultContext(record, credential)
    const status = findStep(steps, 'status')
    if (status !== undefined) return statusReply(status, context)
    const addressed = addressedEndpoint(request, this.#api, text, body)
    if (addressed.type !== 'match') return errorReply(this.#api.errorOfIntake(addressed), context)
    if (!record.keyOk) return errorReply(this.#api.keyRefusal(credential), context)
    const { id, method } = record
    const received: ReceivedRequest = { id, method, path: pathOf(request), query, headers, body: body.value, steps }
    try {
      return faultyReply(await addressed.endpoint.answer(received, addressed.path), steps, context)
    } catch (error) {
      if (error instanceof RequestRefusal) return errorReply(error.error, context)
      throw error
    }
  }

  #faultContext({ id }: OpenRequest, credential: string | undefined): FaultContext {
    return { api: this.#api, requestId: id, credential }
  }

  async #deliver(
    reply: Reply,
    steps: readonly Step[],
    connection: ServerConnection,
    record: OpenRequest,
  ): Promise<void> {
    const account = reply.billing && this.bill.open(record.id, reply.billing)
    const headers = { ...this.#api.headers(record), ...reply.headers }
    const whole = await deliver({ ...reply, headers }, deliveryPlan(steps), connection, record, account)
    const { response } = connection
    if (!response.writableFinished && !connection.closed && !response.destroyed) {
      await Promise.race([connection.gone(), new Promise(resolve => response.once('close', resolve))])
    }
    if (account === undefined) return
    if (whole && response.writableFinished) return account.settle('complete')
    goOn(reply, steps, account)
    account.settle('aborted')
  }

  #record(request: IncomingMessage, id: string): OpenRequest {
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(request.headers)) {
      const joined = Array.isArray(value) ? value.join(', ') : (value ?? '')
      headers[name] = this.#api.credentialHeaders.includes(name) ? maskedCredential(joined) : joined
    }
    const headersByName = request.headers as ReceivedRequest['headers']
    const credential = this.#api.credential({ headers: headersByName, query: queryOf(request) }) ?? ''
    const missing = credential === ''
    const keyOk = missing ? this.#api.needsKey === false : this.#options.anyKey === true || credential === this.apiKey
    const { method = 'GET', url = '/' } = request
    const path = missing ? url : url.replaceAll(encodeURIComponent(credential), maskedCredential(credential))
    return { id, method, path, headers, keyOk, receivedAt: now(), bytesSent: 0 }
  }
}

async function withhold(how: 'silence' | 'reset', connection: ServerConnection): Promise<void> {
  if (how === 'reset') connection.reset()
  else await connection.gone()
}

// what is made for nobody is billed
function goOn(reply: Reply, steps: readonly Step[], account: OpenAccount): void {
  const goesOn = findStep(steps, 'keeps-generating')
  if (goesOn === undefined) return
  const hidden = account.tokens === 0 ? 0 : (reply.billing?.hiddenTokens ?? 0)
  const all = reply.pieces.reduce((sum, piece) => sum + piece.tokens, hidden)
  account.made(Math.max(0, Math.min(goesOn.tokens ?? Number.POSITIVE_INFINITY, all - account.tokens)), 0)
}
