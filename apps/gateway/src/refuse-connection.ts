import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { requestId } from './request-id.ts'

const refusals: Readonly<Record<string, readonly [status: string, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'headers_too_large',
    'The headers of this request are too large; send fewer, or shorter ones.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    'request_timeout',
    'The request did not arrive in time; send it faster, or raise server.requestTimeout.',
  ],
}

/** Answers what came and was no HTTP: there is a socket, and no response yet. `earlier` is the last answer on it. */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  earlier: ServerResponse | undefined,
): void {
  // another answer in the middle of one would be taken for a part of it
  const busy = earlier?.headersSent === true && !earlier.writableFinished
  if (error.code === 'ECONNRESET' || !socket.writable || busy) {
    socket.destroy()
    return
  }
  const [status, code, message] = refusals[error.code ?? ''] ?? [
    '400 Bad Request',
    'bad_request',
    `The gateway could not read this as an HTTP request (${error.code ?? 'unknown'}).`,
  ]
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } })
  const head = `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}`
  socket.end(
    `HTTP/1.1 ${status}\r\n${head}\r\nx-request-id: ${requestId(undefined)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
