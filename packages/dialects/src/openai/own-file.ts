import type { MediaSource } from '@switchyard/core/contract'

/** Whether OpenAI stores it: both dialects of an account speak of the same files. */
export function isOwnFile({ origin }: MediaSource & { readonly type: 'file' }): boolean {
  return origin === 'openai-chat' || origin === 'openai-responses'
}
