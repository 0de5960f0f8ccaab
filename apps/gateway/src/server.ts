import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '@switchyard/config'
import { isSwitchyardError } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import { type AdminOptions, adminRoutes } from './admin.ts'
import { requireAdmin } from './admin-request.ts'
import { sendError, sendJson } from './answer.ts'
import type { AnswerStanding } from './answer-standing.ts'
import type { Caller, Callers } from './callers.ts'
import type { CallsInFlight } from './calls-in-flight.ts'
import { chatCompletions } from './chat-completions.ts'
import { HttpError } from './errors.ts'
import { hostCheck } from './host-check.ts'
import { modelList, oneModel } from './models.ts'
import { ReasoningMemory } from './reasoning-memory.ts'
import { refuseConnection } from './refuse-connection.ts'
import { requestId } from './request-id.ts'
import { logWhenOver, type RequestLog, type RequestRecord } from './request-log.ts'
import { StreamKeepAlive } from './stream-keep-alive.ts'
import { usage } from './usage.ts'
import { usageQuery } from './usage-query.ts'

export interface ServerOptions extends AdminOptions {
  readonly config: Config
  readonly callers: Callers
  readonly standing: AnswerStanding
  readonly bodyLimitBytes: number
  /** Asked by `GET /readyz`, and before new work is taken. */
  readonly ready: () => boolean
  readonly calls: CallsInFlight
  /** The address that is listened on; without keys, requests for other names are refused. */
  readonly host: string
  /** How long a client may take to send a request. */
  readonly requestTimeoutMs: number
  /** No real model answers: said in every answer. */
  readonly simulated: boolean
  readonly log?: RequestLog | undefined
}

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The HTTP side of the gateway. Fastify routes; answers are written to the raw response. */
export function createServer(options: ServerOptions): FastifyInstance {
  const checkHost = hostCheck(options.host, options.callers.open)
  const answering = new WeakMap<Socket, ServerResponse>()
  const reasoning = new ReasoningMemory({ dialect: openaiChat.name })
  const keepAlive = new StreamKeepAlive()
  const app = Fastify({
    logger: false,
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: options.requestTimeoutMs,
    http: {
      // checked by us, whose answer says more
      requireHostHeader: false,
      // here too: node takes the time for headers from it, which must not be longer
      requestTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(5_000, options.requestTimeoutMs / 2),
    },
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1_000 },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, answering.get(socket)),
    frameworkErrors: (error, request, reply) => answer(request, reply, () => Promise.reject(httpError(error))),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))

  type Handler = (request: FastifyRequest, response: ServerResponse, record: RequestRecord) => unknown
  const answer = async (request: FastifyRequest, reply: FastifyReply, handler: Handler): Promise<void> => {
    reply.hijack()
    const response = reply.raw
    answering.set(request.raw.socket, response)
    const record = begin(request, response)
    const over = logWhenOver(record, response, options.log)
    const caller = callers.get(request)
    if (caller?.name !== undefined) record.key = caller.name
    if (options.simulated) response.setHeader('x-switchyard-simulated', 'true')
    try {
      checkHost(request.headers.host, request.raw.httpVersion)
      await handler(request, response, record)
    } catch (error) {
      blame(record, error)
      sendError(response, error)
    }
    over()
  }
  const route = (path: string, allowed: Partial<Record<HTTPMethods, Handler>>, ...hooks: RequestHook[]): void => {
    for (const method of methods) {
      const handler = allowed[method] ?? (method === 'HEAD' ? allowed.GET : undefined) ?? refuseMethod(allowed)
      const whole = (request: FastifyRequest, reply: FastifyReply) => answer(request, reply, handler)
      app.route({ method, url: path, onRequest: hooks, handler: whole })
    }
  }
  const callers = new WeakMap<FastifyRequest, Caller>()
  // before the body is read: it may be large, and nobody's
  const identified = (check: (caller: Caller) => void): RequestHook => {
    return async (request, reply) => {
      try {
        const caller = options.callers.identify(request.headers)
        callers.set(request, caller)
        check(caller)
      } catch (error) {
        await answer(request, reply, () => Promise.reject(error))
      }
    }
  }
  const withKey = identified(() => {})
  const withAdminKey = identified(requireAdmin)
  const callerOf = (request: FastifyRequest): Caller => callers.get(request) as Caller

  const completions: Handler = async (request, response, record) => {
    if (!options.ready()) throw stopping()
    requireUncompressed(request)
    const controller = options.calls.begin()
    const body = textOf(request.body)
    const { headers } = request
    const caller = callerOf(request)
    const call = { id: record.id, caller, headers, body, response, controller, record }
    try {
      await chatCompletions(call, { ...options, reasoning, keepAlive })
      await finished(response)
    } finally {
      options.calls.end(controller)
    }
  }
  route('/v1/chat/completions', { POST: completions }, withKey)
  const models: Handler = (request, response) =>
    sendJson(response, 200, modelList(options.switchyard, callerOf(request)))
  const model: Handler = (request, response) => {
    const id = (request.params as { readonly '*': string })['*']
    sendJson(response, 200, oneModel(options.switchyard, callerOf(request), id))
  }
  route('/v1/models', { GET: models }, withKey)
  route('/v1/models/*', { GET: model }, withKey)
  const usageOf: Handler = async (request, response) => {
    const caller = callerOf(request)
    const query = usageQuery(new URL(request.url, 'http://gateway').searchParams, caller)
    sendJson(response, 200, await usage(options.switchyard, options.config, query, caller))
  }
  route('/usage', { GET: usageOf }, withKey)
  for (const { method, path, answer: admin } of adminRoutes(options)) {
    const handler: Handler = async (request, response) => {
      const { headers, body } = request
      sendJson(response, 200, await admin({ caller: callerOf(request), headers, body: textOf(body) }))
    }
    route(path, { [method]: handler }, withAdminKey)
  }
  route('/healthz', { GET: (_, response) => sendJson(response, 200, { status: 'ok' }) })
  route('/readyz', {
    GET: (_, response) => {
      const ready = options.ready()
      sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'stopping' })
    },
  })
  app.setNotFoundHandler((request, reply) =>
    answer(request, reply, () => {
      if (!methods.includes(request.method as HTTPMethods)) refuseMethod({ GET: 0, POST: 0 })(request)
      throw new HttpError(404, 'not_found', notFound(request))
    }),
  )
  app.setErrorHandler((error, request, reply) =>
    answer(request, reply, () => {
      throw httpError(error as FastifyFailure)
    }),
  )
  return app

  function httpError(error: FastifyFailure): unknown {
    switch (error.code) {
      case 'FST_ERR_CTP_BODY_TOO_LARGE':
        return new HttpError(
          413,
          'request_too_large',
          `The request is larger than ${options.bodyLimitBytes} bytes; make it smaller, or raise server.bodyLimit.`,
          { connection: 'close' },
        )
      case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
        return new HttpError(
          415,
          'unsupported_content_type',
          'Send JSON, with the header content-type: application/json.',
          {
            connection: 'close',
          },
        )
      default:
        if (error.statusCode === undefined || error.statusCode >= 500) return error
        return new HttpError(error.statusCode, 'invalid_request', error.message)
    }
  }
}

type RequestHook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

interface FastifyFailure {
  readonly code?: string
  readonly statusCode?: number
  readonly message: string
}

function begin(request: FastifyRequest, response: ServerResponse): RequestRecord {
  const id = requestId(request.headers['x-request-id'])
  const path = request.url.split('?', 1)[0] as string
  response.setHeader('x-request-id', id)
  return { id, method: request.method, path }
}

function requireUncompressed({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return
  throw new HttpError(415, 'unsupported_content_encoding', 'Send the body as it is, without a content-encoding.')
}

// without one, there is none
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : ''
}

function blame(record: RequestRecord, error: unknown): void {
  if (error instanceof HttpError) record.error = error.code
  else if (isSwitchyardError(error)) record.error = error.kind
  else record.defect = error
}

// the last bytes to a slow client belong to the call as well
function finished(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return Promise.resolve()
  return new Promise(resolve => response.once('close', resolve))
}

function refuseMethod(allowed: Partial<Record<HTTPMethods, unknown>>) {
  const list = Object.keys(allowed).join(', ')
  return (request: FastifyRequest): never => {
    throw new HttpError(405, 'method_not_allowed', `${request.method} is not possible here; use ${list}.`, {
      allow: list,
    })
  }
}

function notFound(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0] as string
  const shown = path.length > 200 ? `${path.slice(0, 200)}...` : path
  return `There is nothing at ${shown}. There is POST /v1/chat/completions, GET /v1/models, GET /usage, GET /admin/targets, GET /admin/circuits, GET /healthz and GET /readyz.`
}

function stopping(): HttpError {
  return new HttpError(503, 'stopping', 'The gateway is stopping; ask again in a moment.', {
    'retry-after': '1',
    connection: 'close',
  })
}
