/** Server-sent events: `data: ...` and a blank line, with the event's name before it where it has one. */
export function serverSentEvent(data: string, name?: string): string {
  return name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`
}

/** The comment that keeps such a stream alive. */
export const serverSentComment = ': keep-alive\n\n'

export const serverSentHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
}
