/** One event of a stream, or a whole body. */
export interface ReplyPiece {
  readonly text: string
  readonly role: 'content' | 'finish' | 'usage' | 'terminator'
  /** Output tokens that were made for it. */
  readonly tokens: number
}

/** What the simulated provider means to send, before faults. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: readonly ReplyPiece[]
  /** Sent in pieces as they come, instead of as one body. */
  readonly streamed: boolean
  /** What goes on the bill beside the pieces' tokens. */
  readonly billing?: {
    readonly model: string
    readonly inputTokens: number
    readonly cachedTokens: number
    readonly reasoningTokens: number
  }
}

/** A body that is sent whole. */
export function wholeReply(status: number, body: string, headers: Readonly<Record<string, string>>): Reply {
  return { status, headers, pieces: [{ text: body, role: 'content', tokens: 0 }], streamed: false }
}
