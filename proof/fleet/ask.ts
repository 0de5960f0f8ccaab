import { Agent, type IncomingMessage, request } from 'node:http'

/** What a caller sends, and when it goes away by itself. */
export interface Ask {
  readonly url: string
  readonly requestId: string
  readonly traceId: string
  readonly model: string
  readonly prompt: string
  readonly maxTokens: number
  readonly stream: boolean
  /** Milliseconds from sending. */
  readonly leavesAfter?: number
}

/** How it ended for the caller. */
export type Answered =
  /** The whole answer and its end were received. */
  | { readonly type: 'acknowledged'; readonly cost: string | undefined }
  | { readonly type: 'refused'; readonly status: number; readonly message: string }
  /** The stream said that it broke. */
  | { readonly type: 'failed' }
  | { readonly type: 'left' }
  /** The connection broke. */
  | { readonly type: 'lost' }

const agent = new Agent({ keepAlive: true })

/** Asks a gateway as an OpenAI client would. Never rejects. */
export function ask({ url, requestId, traceId, leavesAfter, ...asked }: Ask): Promise<Answered> {
  const body = JSON.stringify({
    model: asked.model,
    messages: [{ role: 'user', content: asked.prompt }],
    max_tokens: asked.maxTokens,
    ...(asked.stream && { stream: true, stream_options: { include_usage: true } }),
  })
  return new Promise(resolve => {
    let timer: NodeJS.Timeout | undefined
    const end = (answered: Answered): void => {
      clearTimeout(timer)
      resolve(answered)
    }
    const outgoing = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-request-id': requestId,
        te: 'trailers',
        traceparent: `00-${traceId}-${traceId.slice(16)}-01`,
      },
    })
    outgoing.on('error', () => end({ type: 'lost' }))
    outgoing.on('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', (data: string) => {
        text += data
      })
      response.on('error', () => end({ type: 'lost' }))
      response.on('close', () => {
        if (!response.complete) end({ type: 'lost' })
        else end(answeredBy(response, text, asked.stream))
      })
    })
    if (leavesAfter !== undefined) {
      timer = setTimeout(() => {
        end({ type: 'left' })
        outgoing.destroy()
      }, leavesAfter)
    }
    outgoing.end(body)
  })
}

const costHeader = 'x-switchyard-cost'

function answeredBy({ statusCode = 0, headers, trailers }: IncomingMessage, text: string, stream: boolean): Answered {
  if (statusCode !== 200) {
    const { error } = JSON.parse(text) as { error?: { message?: string } }
    return { type: 'refused', status: statusCode, message: error?.message ?? '' }
  }
  if (!stream) return { type: 'acknowledged', cost: headers[costHeader] as string | undefined }
  return text.endsWith('data: [DONE]\n\n') ? { type: 'acknowledged', cost: trailers[costHeader] } : { type: 'failed' }
}
