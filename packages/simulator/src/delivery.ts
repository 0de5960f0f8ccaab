import type { ServerResponse } from 'node:http'
import type { OpenAccount } from './bill.ts'
import type { Place } from './fault.ts'
import type { Reply } from './reply.ts'
import { now, type OpenRequest } from './request-log.ts'

/** How a reply is sent. */
export interface Delivery {
  /** Milliseconds. */
  readonly beforeHeaders: number
  readonly beforeFirstEvent: number
  readonly betweenEvents: number
  /** Bytes in each write; absent: one write an event. */
  readonly chunkSize?: number
  /** How it breaks off, and where. */
  readonly breakOff?: Place & { readonly type: 'cut' | 'stall' | 'reset' }
  /** The declared length is off by so much. */
  readonly contentLengthOff?: number
}

/** Knows when the client has gone away. */
export interface Connection {
  readonly response: ServerResponse
  readonly closed: boolean
  /** Settles when the client has gone away or `ms` are over, whichever is first. */
  wait(ms: number): Promise<void>
  /** Settles when it has gone away. */
  gone(): Promise<void>
  /** Resets the socket. */
  reset(): void
}

/** Sends a reply in the way that `delivery` tells; settles when the request is over, with whether all of it was sent. */
export async function deliver(
  reply: Reply,
  delivery: Delivery,
  connection: Connection,
  record: OpenRequest,
  account: OpenAccount | undefined,
): Promise<boolean> {
  const { response } = connection
  const startedAt = now()
  await connection.wait(delivery.beforeHeaders)
  if (connection.closed) {
    const share = Math.min(1, (now() - startedAt) / delivery.beforeHeaders)
    // a whole answer is made while its client waits
    if (reply.stream === undefined) account?.made(Math.floor((reply.pieces[0]?.tokens ?? 0) * share), 0)
    return false
  }
  sendHeaders(reply, delivery, response, record)
  if (isPlain(reply, delivery)) {
    const [piece] = reply.pieces
    const body = Buffer.from(piece?.text ?? '')
    account?.made(piece?.tokens ?? 0, piece?.reasoningTokens ?? 0)
    record.bytesSent = body.length
    response.end(body)
    return true
  }
  response.flushHeaders()
  if (await sendPieces(reply, delivery, connection, record, account)) return false
  if (!connection.closed) response.end()
  return true
}

// the answer arrives at once, with its length
function isPlain(reply: Reply, delivery: Delivery): boolean {
  return (
    reply.stream === undefined &&
    delivery.breakOff === undefined &&
    delivery.chunkSize === undefined &&
    delivery.beforeFirstEvent === 0
  )
}

function sendHeaders(reply: Reply, delivery: Delivery, response: ServerResponse, record: OpenRequest): void {
  const headers: Record<string, string | number> = { ...reply.headers }
  const length = reply.pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece.text), 0)
  if (delivery.contentLengthOff !== undefined) {
    headers['content-length'] = Math.max(0, length + delivery.contentLengthOff)
    headers.connection = 'close'
  } else if (isPlain(reply, delivery)) {
    headers['content-length'] = length
  }
  response.writeHead(reply.status, headers)
  record.status = reply.status
  record.headersSentAt = now()
}

/** @returns whether the body broke off, so that nothing may follow. */
async function sendPieces(
  reply: Reply,
  delivery: Delivery,
  connection: Connection,
  record: OpenRequest,
  account: OpenAccount | undefined,
): Promise<boolean> {
  const end = delivery.breakOff
  const atByte = end === undefined ? undefined : (end.atByte ?? (end.atEvent === undefined ? 0 : undefined))
  for (const [index, piece] of reply.pieces.entries()) {
    if (end?.atEvent === index) return breakOff(end.type, connection)
    await connection.wait(index === 0 ? delivery.beforeFirstEvent : delivery.betweenEvents)
    if (connection.closed) return true
    const bytes = Buffer.from(piece.text)
    const left = atByte === undefined ? bytes.length : atByte - record.bytesSent
    account?.made(piece.tokens, piece.reasoningTokens ?? 0)
    await write(bytes.subarray(0, left), delivery.chunkSize ?? bytes.length, connection, record)
    if (connection.closed) return true
    if (end !== undefined && left < bytes.length) return breakOff(end.type, connection)
  }
  if (end !== undefined && end.type !== 'cut' && atByte === record.bytesSent) return breakOff(end.type, connection)
  return false
}

async function write(bytes: Uint8Array, chunkSize: number, connection: Connection, record: OpenRequest): Promise<void> {
  const { response } = connection
  for (let at = 0; at < bytes.length; at += chunkSize) {
    const chunk = bytes.subarray(at, at + chunkSize)
    record.bytesSent += chunk.length
    const taken = response.write(chunk)
    if (at + chunkSize < bytes.length) await turn()
    if (!taken) await drained(connection)
    if (connection.closed) return
  }
}

// what is written in one tick arrives as one chunk, and what is there at once is read at once
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

function drained(connection: Connection): Promise<void> {
  return new Promise(resolve => {
    connection.response.once('drain', resolve)
    void connection.gone().then(resolve)
  })
}

async function breakOff(type: 'cut' | 'stall' | 'reset', connection: Connection): Promise<true> {
  if (type === 'cut') connection.response.end()
  if (type === 'stall') await connection.gone()
  if (type === 'reset') {
    // a reset overtakes what is still unread: give the client a moment to have read it
    await connection.wait(5)
    connection.reset()
  }
  return true
}
